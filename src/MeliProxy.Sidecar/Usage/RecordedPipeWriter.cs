using System.IO.Pipelines;

namespace MeliProxy.Sidecar.Usage;

/// <summary>Passes everything on and counts the bytes. Used again for other responses.</summary>
internal sealed class RecordedPipeWriter : PipeWriter
{
    public long BytesWritten { get; private set; }

    public PipeWriter Inner { get; set; } = null!;

    public override bool CanGetUnflushedBytes => Inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => Inner.UnflushedBytes;

    public void Reset()
    {
        BytesWritten = 0;
        Inner = null!;
    }

    public override void Advance(int bytes)
    {
        BytesWritten += bytes;
        Inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => Inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => Inner.GetSpan(sizeHint);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        BytesWritten += source.Length;
        return Inner.WriteAsync(source, cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Inner.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => Inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => Inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => Inner.CompleteAsync(exception);
}

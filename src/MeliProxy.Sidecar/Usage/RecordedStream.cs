namespace MeliProxy.Sidecar.Usage;

/// <summary>Passes everything on and counts the bytes.</summary>
/// <param name="inner">Where to.</param>
internal sealed class RecordedStream(Stream inner) : Stream
{
    private long _bytesRead;
    private long _bytesWritten;

    /// <summary>Where everything goes.</summary>
    public Stream Inner { get; set; } = inner;

    /// <summary>Bytes read so far; safe to ask for while another thread reads.</summary>
    public long BytesRead => Volatile.Read(ref _bytesRead);

    /// <summary>Bytes written so far; safe to ask for while another thread writes.</summary>
    public long BytesWritten => Volatile.Read(ref _bytesWritten);

    public override bool CanRead => Inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => Inner.CanWrite;

    public override bool CanTimeout => Inner.CanTimeout;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int ReadTimeout
    {
        get => Inner.ReadTimeout;
        set => Inner.ReadTimeout = value;
    }

    public override int WriteTimeout
    {
        get => Inner.WriteTimeout;
        set => Inner.WriteTimeout = value;
    }

    public void Reset()
    {
        _bytesRead = 0;
        _bytesWritten = 0;
        Inner = Null;
    }

    public override int Read(byte[] buffer, int offset, int count) => CountRead(Inner.Read(buffer, offset, count));

    public override int Read(Span<byte> buffer) => CountRead(Inner.Read(buffer));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> reading = Inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? ValueTask.FromResult(CountRead(reading.Result)) : CountReadAsync(reading);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        _bytesWritten += count;
        Inner.Write(buffer, offset, count);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _bytesWritten += buffer.Length;
        Inner.Write(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _bytesWritten += buffer.Length;
        return Inner.WriteAsync(buffer, cancellationToken);
    }

    public override void Flush() => Inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => Inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> CountReadAsync(ValueTask<int> reading) => CountRead(await reading);

    private int CountRead(int bytes)
    {
        _bytesRead += bytes;
        return bytes;
    }
}

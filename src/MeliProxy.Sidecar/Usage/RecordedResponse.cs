using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Usage;

/// <summary>Counts what is written to a response's body, by whichever of the ways there are. Used again for other responses.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The streams behind are the server's.")]
internal sealed class RecordedResponse : IHttpResponseBodyFeature
{
    private readonly RecordedStream _stream = new(Stream.Null);
    private readonly RecordedPipeWriter _writer = new();
    private IHttpResponseBodyFeature _inner = null!;

    public long BytesWritten => _stream.BytesWritten + _writer.BytesWritten;

    public Stream Stream
    {
        get
        {
            _stream.Inner = _inner.Stream;
            return _stream;
        }
    }

    public PipeWriter Writer
    {
        get
        {
            _writer.Inner = _inner.Writer;
            return _writer;
        }
    }

    public void Begin(IHttpResponseBodyFeature inner) => _inner = inner;

    public void End()
    {
        _stream.Reset();
        _writer.Reset();
        _inner = null!;
    }

    public void DisableBuffering() => _inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => _inner.StartAsync(cancellationToken);

    public Task CompleteAsync() => _inner.CompleteAsync();

    /// <remarks>Through the stream, as the server would not tell how much it has sent of a file when a client goes away.</remarks>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(Stream, path, offset, count, cancellationToken);
}

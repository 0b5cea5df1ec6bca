using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Usage;

/// <summary>Counts the bytes of an HTTP/2 stream that has become another protocol's, such as WebSocket (RFC 8441).</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The streams behind are the server's.")]
internal sealed class RecordedConnect(IHttpExtendedConnectFeature inner) : IHttpExtendedConnectFeature
{
    private RecordedStream? _stream;

    public long BytesRead => _stream?.BytesRead ?? 0;

    public long BytesWritten => _stream?.BytesWritten ?? 0;

    public bool IsExtendedConnect => inner.IsExtendedConnect;

    public string? Protocol => inner.Protocol;

    public async ValueTask<Stream> AcceptAsync() => _stream = new RecordedStream(await inner.AcceptAsync());
}

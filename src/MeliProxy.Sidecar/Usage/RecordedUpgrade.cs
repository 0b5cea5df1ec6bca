using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Usage;

/// <summary>Counts the bytes of a connection that has become another protocol's, such as WebSocket.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The streams behind are the server's.")]
internal sealed class RecordedUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    private RecordedStream? _stream;

    public long BytesRead => _stream?.BytesRead ?? 0;

    public long BytesWritten => _stream?.BytesWritten ?? 0;

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync() => _stream = new RecordedStream(await inner.UpgradeAsync());
}

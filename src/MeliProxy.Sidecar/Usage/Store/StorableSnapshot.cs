using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>A snapshot in the form that is stored.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Keys">What its list of top keys says of the time since the list before.</param>
internal sealed record StorableSnapshot(UsageSnapshot Snapshot, IReadOnlyList<KeyHits> Keys)
{
    /// <summary>The second that it is about, as Unix time: what ends with a second was in the one before.</summary>
    public long At => (Snapshot.To.UtcTicks - DateTimeOffset.UnixEpoch.Ticks - 1) / TimeSpan.TicksPerSecond;

    public bool IsEmpty => Snapshot.Rules.Count == 0 && Snapshot.Routes.Count == 0 && Keys.Count == 0;
}

namespace MeliProxy.RateLimiting.Usage;

/// <summary>What several <see cref="LatencyCells"/> have counted together.</summary>
internal sealed class LatencySum
{
    public long[] Counts { get; } = new long[LatencyHistogram.Buckets];

    public long Nanoseconds { get; set; }

    public LatencyHistogram ToHistogram() => LatencyHistogram.Of(Counts, Nanoseconds);
}

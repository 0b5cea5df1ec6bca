namespace MeliProxy.RateLimiting.Usage;

/// <summary>What one thread has recorded of a route and a class of status. That thread writes, and all may read.</summary>
internal sealed class TrafficCell
{
    private readonly LatencyCells _durations = new();
    private readonly LatencyCells _upstreamTimes = new();
    private long _bytesIn;
    private long _bytesOut;

    public void Record(long bytesIn, long bytesOut, TimeSpan duration, TimeSpan? upstreamTime)
    {
        _bytesIn += bytesIn;
        _bytesOut += bytesOut;
        if (upstreamTime is { } time)
        {
            _upstreamTimes.Add(Nanoseconds(time));
        }

        _durations.Add(Nanoseconds(duration));
    }

    public void AddTo(TrafficSum sum)
    {
        sum.BytesIn += Volatile.Read(ref _bytesIn);
        sum.BytesOut += Volatile.Read(ref _bytesOut);
        _durations.AddTo(sum.Durations);
        _upstreamTimes.AddTo(sum.UpstreamTimes);
    }

    private static long Nanoseconds(TimeSpan time) =>
        Math.Min(time.Ticks, long.MaxValue / 1024 / TimeSpan.NanosecondsPerTick) * TimeSpan.NanosecondsPerTick;
}

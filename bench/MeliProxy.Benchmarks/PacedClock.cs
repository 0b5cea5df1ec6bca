namespace MeliProxy.Benchmarks;

/// <summary>A clock for one thread on which each reading is some time after the one before, so that decisions come at the rate of a proxy's.</summary>
public sealed class PacedClock(TimeSpan pace) : TimeProvider
{
    private readonly DateTimeOffset _start = DateTimeOffset.UnixEpoch;
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => (_now += pace).Ticks;

    public override DateTimeOffset GetUtcNow() => _start + _now;
}

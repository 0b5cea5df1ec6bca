namespace MeliProxy.Simulation;

/// <summary>A node's clocks: a little slow or fast, and its wall clock off.</summary>
/// <param name="time">The true time.</param>
/// <param name="drift">By what part it goes faster than true time.</param>
/// <param name="offset">By how much its wall clock is ahead.</param>
public sealed class NodeClock(VirtualTime time, double drift, TimeSpan offset) : TimeProvider
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Nanoseconds from 1970 to the start: windows are aligned to that.</summary>
    public static readonly long UnixStart = (Start - DateTimeOffset.UnixEpoch).Ticks * 100;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => (long)(time.Now * (1 + drift));

    public override DateTimeOffset GetUtcNow() => Start + new TimeSpan(GetTimestamp() / 100) + offset;
}

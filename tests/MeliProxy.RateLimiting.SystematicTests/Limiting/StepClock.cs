namespace MeliProxy.RateLimiting.SystematicTests.Limiting;

/// <summary>A clock whose reading and setting are steps, so that time passes anywhere within a decision.</summary>
internal sealed class StepClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _ticks;

    /// <summary>For the test's own account, so not a step.</summary>
    public TimeSpan Elapsed => new(_ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => Start.AddTicks(Volatile.Read(ref _ticks));

    public void Set(TimeSpan elapsed) => Volatile.Write(ref _ticks, elapsed.Ticks);
}

using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

/// <summary>What a process sees of the world's time: the wall clock as it is set, and timestamps that begin and tick as they like.</summary>
internal sealed class ProcessClock(FakeTimeProvider world, long frequency = 10_000_000, long firstTimestamp = 0) : TimeProvider
{
    private readonly DateTimeOffset _start = world.GetUtcNow();

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => frequency;

    public override long GetTimestamp() =>
        firstTimestamp + (long)((Int128)(world.GetUtcNow() - _start).Ticks * frequency / TimeSpan.TicksPerSecond);

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow() + Offset;
}

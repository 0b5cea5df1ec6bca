using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

/// <summary>A fake clock whose wall-clock time can be set apart from its timestamps, as an operator or NTP does.</summary>
internal sealed class SteerableTimeProvider : FakeTimeProvider
{
    public TimeSpan WallClockOffset { get; set; }

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + WallClockOffset;
}

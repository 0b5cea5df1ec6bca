using CsCheck;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Tests.Algorithms;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

/// <summary>The wall clock is set back between a snapshot and its restoring.</summary>
public class SnapshotSetBackClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 31, 22, 59, 57, TimeSpan.Zero);

    [Fact]
    public void At_no_later_moment_has_a_key_more_left_than_with_a_limiter_that_went_on() =>
        Gen.Select(
            SnapshotRules.WithoutCalendars,
            Gen.Select(SnapshotRules.Milliseconds, Gen.Int[1, 3]).Array[1, 20],
            RuleGen.UpTo(800L * 86_400_000),
            SnapshotRules.Milliseconds,
            SnapshotRules.Milliseconds.Array[1, 20])
            .Sample(
                (rules, before, setBack, downtime, after) =>
                {
                    FakeTimeProvider world = new(Start);
                    ProcessClock clock = new(world);
                    QuotaLimiter<Call> continuing = Restart.SmallLimiter(clock, rules);
                    foreach ((int wait, int permits) in before)
                    {
                        world.Advance(TimeSpan.FromMilliseconds(wait));
                        continuing.Decide(new Call("a"), permits).Dispose();
                    }

                    // Keys that stand as ones never seen are not in it. A limiter that goes on may forget them too, but need not at once.
                    bool[] used = [.. continuing.Explain(new Call("a")).Select(e => e.Remaining < e.Rule.Limit)];
                    byte[] snapshot = continuing.Snapshot();
                    clock.Offset = -TimeSpan.FromMilliseconds(setBack);

                    // A limiter that goes on looks at the wall clock once a second.
                    world.Advance(TimeSpan.FromMilliseconds(downtime + 1_000));
                    ProcessClock next = new(world) { Offset = clock.Offset };
                    QuotaLimiter<Call> restarted = Restart.SmallLimiter(next, rules);
                    restarted.Restore(snapshot);
                    foreach (int wait in after)
                    {
                        long[] most = [.. continuing.Explain(new Call("a")).Select(e => e.Remaining)];
                        long[] left = [.. restarted.Explain(new Call("a")).Select(e => e.Remaining)];
                        Assert.All(left, (remaining, i) => Assert.True(!used[i] || remaining <= most[i], $"{remaining} instead of {most[i]}"));
                        world.Advance(TimeSpan.FromMilliseconds(wait));
                    }
                },
                iter: 3_000);

    [Theory]
    [InlineData(0.01)]
    [InlineData(1)]
    [InlineData(400)]
    [InlineData(9_000)]
    public void No_key_waits_more_than_an_hour_longer_than_it_had_to_when_the_snapshot_was_made(double days)
    {
        FakeTimeProvider world = new(Start);
        ProcessClock clock = new(world);
        RateLimitRule[] rules =
        [
            Call.Bucket("bucket", 600),
            Call.Hour("hour", 1),
            Call.Hour("sliding", 1) with { Algorithm = RateLimitAlgorithm.SlidingWindow, Window = TimeSpan.FromMinutes(1) },
        ];
        QuotaLimiter<Call> limiter = Call.Limiter(clock, rules);
        limiter.Decide(new Call("a"));
        TimeSpan[] waits = [.. limiter.Explain(new Call("a")).Select(e => e.ResetAfter)];
        byte[] snapshot = limiter.Snapshot();

        clock = new(world) { Offset = -TimeSpan.FromDays(days) };
        limiter = Call.Limiter(clock, rules);
        Assert.Equal(3, limiter.Restore(snapshot).Restored);

        TimeSpan[] longer = [.. limiter.Explain(new Call("a")).Select((e, i) => e.ResetAfter - waits[i])];
        Assert.Equal(TimeSpan.Zero, longer[0]);
        Assert.All(longer, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromHours(1)));
    }
}

using CsCheck;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Snapshots;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

public class SnapshotRoundTripTests
{
    private readonly FakeTimeProvider _world = new(new DateTimeOffset(2026, 5, 31, 22, 59, 57, TimeSpan.Zero));

    /// <summary>One limiter runs on; the other is restarted now and then, as another process with timestamps of its own.</summary>
    [Fact]
    public void A_limiter_restarted_decides_as_one_that_went_on() =>
        Gen.Select(
            SnapshotRules.Any,
            Gen.Select(SnapshotRules.Milliseconds, Gen.OneOfConst("a", "b", "c"), Gen.Int[0, 3], Gen.Int[0, 30], Gen.Int[0, 3]).Array[1, 40])
            .Sample(
                (rules, steps) =>
                {
                    FakeTimeProvider world = new(_world.GetUtcNow());
                    QuotaLimiter<Call> continuing = Restart.SmallLimiter(new ProcessClock(world), rules);
                    QuotaLimiter<Call> restarted = Restart.SmallLimiter(new ProcessClock(world), rules);
                    long timestamp = 1;
                    foreach ((int wait, string ip, int permits, int charge, int restart) in steps)
                    {
                        byte[]? snapshot = restart == 0 ? restarted.Snapshot() : null;
                        world.Advance(TimeSpan.FromMilliseconds(wait));
                        if (snapshot is not null)
                        {
                            timestamp *= -7_919;
                            long frequency = timestamp % 2 == 0 ? 24_000_000 : 1_000_000_000;
                            restarted = Restart.SmallLimiter(new ProcessClock(world, frequency, timestamp), rules);
                            restarted.Restore(snapshot);
                        }

                        using QuotaDecision expected = continuing.Decide(new Call(ip), permits);
                        using QuotaDecision actual = restarted.Decide(new Call(ip), permits);
                        Assert.Equal(expected.Facts(), actual.Facts());
                        if (expected.IsAllowed)
                        {
                            expected.Charge("bytes", charge);
                            actual.Charge("bytes", charge);
                        }
                    }
                },
                iter: 3_000);

    [Fact]
    public void Keys_that_are_idle_are_not_written_and_those_that_become_so_are_not_restored()
    {
        RateLimitRule[] rules = [Call.Bucket("bucket", 10), Call.Hour("hour", 10)];
        QuotaLimiter<Call> limiter = Call.Limiter(_world, rules);
        limiter.Decide(new Call("a"));
        limiter.Decide(new Call("b"));
        byte[] both = limiter.Snapshot();
        _world.Advance(TimeSpan.FromSeconds(1));
        using MemoryStream stream = new();
        Assert.Equal(2, limiter.Snapshot(stream));

        QuotaLimiter<Call> next = Call.Limiter(new ProcessClock(_world), rules);
        Assert.Equal(new RestoreResult(2, 0), next.Restore(both));
        Assert.Equal(2, next.KeyCount);
        _world.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, limiter.Snapshot(new MemoryStream()));
        Assert.Equal(default, Call.Limiter(new ProcessClock(_world), rules).Restore(both));
    }

    [Fact]
    public void Permits_held_end_with_the_process()
    {
        RateLimitRule rule = new() { Name = "r", Key = ["ip"], Limit = 1, Algorithm = RateLimitAlgorithm.Concurrency };
        QuotaLimiter<Call> limiter = Call.Limiter(_world, rule);
        using QuotaDecision held = limiter.Decide(new Call("a"));
        Assert.Equal(0, limiter.Snapshot(new MemoryStream()));
    }

    [Fact]
    public void A_key_in_debt_still_has_to_make_up_for_it()
    {
        RateLimitRule rule = Call.Bucket("r", 10) with { Charge = "bytes" };
        QuotaLimiter<Call> limiter = Call.Limiter(_world, rule);
        using (QuotaDecision decision = limiter.Decide(new Call("a")))
        {
            decision.Charge("bytes", 99);
        }

        byte[] snapshot = limiter.Snapshot();
        _world.Advance(TimeSpan.FromSeconds(60));
        QuotaLimiter<Call> next = Call.Limiter(new ProcessClock(_world), rule);
        next.Restore(snapshot);
        using QuotaDecision rejected = next.Decide(new Call("a"));
        Assert.Equal(TimeSpan.FromSeconds(31), rejected.RetryAfter);
    }

    [Fact]
    public void Rules_may_have_changed_in_the_meantime()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_world, Call.Hour("kept", 10), Call.Hour("gone", 10));
        limiter.Decide(new Call("a"), 4);
        QuotaLimiter<Call> next = Call.Limiter(new ProcessClock(_world), Call.Hour("new", 10), Call.Hour("kept", 7));
        Assert.Equal(new RestoreResult(2, 0), next.Restore(limiter.Snapshot()));
        Assert.Equal([10, 3], next.Explain(new Call("a")).Select(e => e.Remaining));
    }

    [Fact]
    public void A_snapshot_may_stand_in_the_middle_of_a_stream()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_world, Call.Hour("r", 10));
        limiter.Decide(new Call("a"), 4);
        using MemoryStream stream = new();
        stream.Write("before"u8);
        limiter.Snapshot(stream);
        long end = stream.Position;
        stream.Write("after"u8);
        stream.Position = 6;
        QuotaLimiter<Call> next = Call.Limiter(new ProcessClock(_world), Call.Hour("r", 10));
        Assert.Equal(new RestoreResult(1, 0), next.Restore(stream));
        Assert.Equal(end, stream.Position);
    }

    [Fact]
    public void A_snapshot_of_a_limiter_never_used_is_empty_and_can_be_restored() =>
        Assert.Equal(default, Call.Limiter(_world).Restore(Call.Limiter(_world).Snapshot()));
}

using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Snapshots;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

/// <summary>A snapshot is restored into a limiter that counts already.</summary>
public class SnapshotMergeTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 31, 22, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket, 3, 5)]
    [InlineData(RateLimitAlgorithm.TokenBucket, 5, 3)]
    [InlineData(RateLimitAlgorithm.FixedWindow, 3, 5)]
    [InlineData(RateLimitAlgorithm.FixedWindow, 5, 3)]
    [InlineData(RateLimitAlgorithm.SlidingWindow, 3, 5)]
    [InlineData(RateLimitAlgorithm.SlidingWindow, 5, 3)]
    public void The_larger_count_of_both_stands(RateLimitAlgorithm algorithm, int inSnapshot, int here)
    {
        RateLimitRule rule = Call.Hour("r", 10) with { Algorithm = algorithm };
        Assert.Equal(new RestoreResult(1, 0), Merge(rule, inSnapshot, here, TimeSpan.Zero, out QuotaLimiter<Call> limiter));
        Assert.Equal(5, limiter.Explain(new Call("a"))[0].Remaining);
        Assert.Equal(1, limiter.KeyCount);
    }

    [Fact]
    public void A_window_of_the_snapshot_that_has_ended_is_the_one_before_for_a_sliding_window()
    {
        RateLimitRule rule = Call.Hour("r", 10) with { Algorithm = RateLimitAlgorithm.SlidingWindow };
        Merge(rule, 6, 2, TimeSpan.FromMinutes(90), out QuotaLimiter<Call> limiter);
        Assert.Equal(10 - 2 - 3, limiter.Explain(new Call("a"))[0].Remaining);
    }

    [Fact]
    public void A_window_before_is_taken_over_by_a_key_that_has_only_a_current_one()
    {
        RateLimitRule rule = Call.Hour("r", 10) with { Algorithm = RateLimitAlgorithm.SlidingWindow };
        QuotaLimiter<Call> old = Call.Limiter(_time, rule);
        old.Decide(new Call("a"), 6);
        _time.Advance(TimeSpan.FromMinutes(90));
        old.Decide(new Call("a"), 1);
        QuotaLimiter<Call> limiter = Call.Limiter(new ProcessClock(_time), rule);
        limiter.Decide(new Call("a"), 2);

        limiter.Restore(old.Snapshot());

        Assert.Equal(10 - 2 - 3, limiter.Explain(new Call("a"))[0].Remaining);
        Assert.True(limiter.Decide(new Call("a"), 5).IsAllowed);
        _time.Advance(TimeSpan.FromMinutes(45));
        Assert.Equal(10 - 6, limiter.Explain(new Call("a"))[0].Remaining);
    }

    [Fact]
    public void A_fixed_window_that_has_ended_says_nothing_about_the_next()
    {
        Merge(Call.Hour("r", 10), 6, 2, TimeSpan.FromMinutes(90), out QuotaLimiter<Call> limiter);
        Assert.Equal(8, limiter.Explain(new Call("a"))[0].Remaining);
    }

    [Fact]
    public void Restoring_twice_changes_nothing_more()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("bucket", 10), Call.Hour("hour", 10));
        limiter.Decide(new Call("a"), 3);
        byte[] snapshot = limiter.Snapshot();
        Assert.Equal(2, limiter.Restore(snapshot).Restored);
        Assert.Equal(snapshot, limiter.Snapshot());
    }

    [Fact]
    public void Keys_that_find_no_room_are_dropped_and_counted_and_those_here_stay()
    {
        RateLimitRule rule = Call.Hour("r", 10);
        QuotaLimiter<Call> old = Call.Limiter(_time, rule);
        for (int i = 0; i < 100; i++)
        {
            old.Decide(new Call($"old{i}"), 5);
        }

        QuotaLimiterOptions<Call> options = Call.Options(_time, rule);
        options.MaxKeys = 60;
        QuotaLimiter<Call> limiter = new(options);
        for (int i = 0; i < 20; i++)
        {
            limiter.Decide(new Call($"here{i}"), 3);
        }

        Assert.Equal(new RestoreResult(40, 60), limiter.Restore(old.Snapshot()));

        Assert.Equal((60, 60), (limiter.KeyCount, limiter.RefusedKeys));
        Assert.Equal(20, Enumerable.Range(0, 20).Count(i => Remaining(limiter, $"here{i}") == 7));
        Assert.Equal(40, Enumerable.Range(0, 100).Count(i => Remaining(limiter, $"old{i}") == 5));
    }

    [Fact]
    public void Idle_keys_make_room()
    {
        RateLimitRule[] rules = [Call.Bucket("r", 10)];
        QuotaLimiterOptions<Call> options = Call.Options(_time, rules);
        options.MaxKeys = 60;
        QuotaLimiter<Call> limiter = new(options);
        QuotaLimiter<Call> old = Call.Limiter(_time, rules);
        for (int i = 0; i < 60; i++)
        {
            limiter.Decide(new Call($"here{i}"));
        }

        _time.Advance(TimeSpan.FromSeconds(2));
        for (int i = 0; i < 60; i++)
        {
            old.Decide(new Call($"old{i}"), 5);
        }

        Assert.Equal(new RestoreResult(60, 0), limiter.Restore(old.Snapshot()));
        Assert.Equal((60, 60L), (limiter.KeyCount, limiter.EvictedKeys));
    }

    private RestoreResult Merge(RateLimitRule rule, int inSnapshot, int here, TimeSpan between, out QuotaLimiter<Call> limiter)
    {
        QuotaLimiter<Call> old = Call.Limiter(_time, rule);
        old.Decide(new Call("a"), inSnapshot);
        byte[] snapshot = old.Snapshot();
        _time.Advance(between);
        limiter = Call.Limiter(new ProcessClock(_time), rule);
        limiter.Decide(new Call("a"), here);
        return limiter.Restore(snapshot);
    }

    private static long Remaining(QuotaLimiter<Call> limiter, string ip) => limiter.Explain(new Call(ip))[0].Remaining;
}

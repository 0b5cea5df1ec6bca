using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterKeyCapTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void At_the_cap_new_keys_pass_uncounted_if_told_so()
    {
        QuotaLimiter<Call> limiter = Full(KeyCapBehavior.Admit, Call.Bucket("r", 2));
        for (int i = 0; i < 5; i++)
        {
            QuotaDecision decision = limiter.Decide(new Call("new"));
            Assert.True(decision.IsAllowed);
            Assert.Equal(2, decision.Remaining);
        }

        Assert.Equal((10, 5), (limiter.KeyCount, limiter.RefusedKeys));
        Assert.Equal(1, limiter.Decide(new Call("0"), 0).Remaining);
    }

    [Fact]
    public void At_the_cap_new_keys_are_rejected_if_told_so_and_told_when_to_come_back()
    {
        QuotaLimiter<Call> limiter = Full(KeyCapBehavior.Reject, Call.Bucket("r", 2));
        QuotaDecision decision = limiter.Decide(new Call("new"));
        Assert.False(decision.IsAllowed);
        Assert.Equal(["r"], decision.ViolatedRules);
        Assert.Equal((0, TimeSpan.FromSeconds(1)), (decision.Remaining, decision.RetryAfter));
        Assert.Equal((10, 1), (limiter.KeyCount, limiter.RefusedKeys));
        Assert.True(limiter.Decide(new Call("0")).IsAllowed);

        _time.Advance(TimeSpan.FromSeconds(2) + TimeSpan.FromTicks(1));
        Assert.True(limiter.Decide(new Call("new")).IsAllowed);
        Assert.Equal(1, limiter.RefusedKeys);
    }

    [Fact]
    public void A_rejection_at_the_cap_charges_no_other_rule()
    {
        RateLimitRule all = Call.Bucket("all", 1_000) with { Key = ["global"] };
        QuotaLimiter<Call> limiter = Full(KeyCapBehavior.Reject, all, Call.Hour("r", 2));
        long before = limiter.Explain(new Call("new"))[0].Remaining;
        Assert.Equal(["r"], limiter.Decide(new Call("new")).ViolatedRules);
        Assert.Equal(before, limiter.Explain(new Call("new"))[0].Remaining);
    }

    [Fact]
    public void A_rule_in_shadow_mode_never_rejects_even_at_the_cap()
    {
        QuotaLimiter<Call> limiter = Full(KeyCapBehavior.Reject, Call.Bucket("r", 2) with { Mode = RuleMode.Shadow });
        Assert.True(limiter.Decide(new Call("new")).IsAllowed);
    }

    [Fact]
    public void At_the_cap_new_keys_share_one_quota_if_told_so()
    {
        QuotaLimiter<Call> limiter = Full(KeyCapBehavior.Overflow, Call.Hour("r", 3), Call.Bucket("s", 1_000) with { Key = ["global"] });
        Call[] late = [.. Enumerable.Range(0, 20).Select(i => new Call($"late{i}"))];
        Assert.Equal(3, late.Count(call => limiter.Decide(call).IsAllowed));
        QuotaDecision rejected = limiter.Decide(late[0]);
        Assert.Equal(("r", 0), (Assert.Single(rejected.ViolatedRules), rejected.Remaining));
        Assert.True(limiter.Decide(new Call("0")).IsAllowed);
        Assert.Equal(21, limiter.GetRuleCounts()[0].NoRoom);
        Assert.Equal(11, limiter.KeyCount);

        _time.Advance(rejected.RetryAfter);
        Assert.True(limiter.Decide(late[0]).IsAllowed);
        Assert.Equal(2, late[0].RemainingIn(limiter));
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public void The_shared_quota_of_keys_without_room_is_given_back_charged_and_released_like_any(RateLimitAlgorithm algorithm)
    {
        RateLimitRule rule = Call.By(algorithm, "r", 4) with { Charge = algorithm == RateLimitAlgorithm.Concurrency ? null : "c" };
        QuotaLimiter<Call> limiter = Full(KeyCapBehavior.Overflow, rule);
        QuotaDecision first = limiter.Decide(new Call("x"), 2, isRefundable: true);
        QuotaDecision second = limiter.Decide(new Call("y"), 2, isRefundable: true);
        Assert.False(limiter.Decide(new Call("z")).IsAllowed);
        first.Refund();
        first.Dispose();
        QuotaDecision third = limiter.Decide(new Call("z"), 2);
        Assert.True(third.IsAllowed);
        Assert.False(limiter.Decide(new Call("x")).IsAllowed);
        second.Refund();
        if (rule.Charge is not null)
        {
            second.Charge("c", 1);
            Assert.False(limiter.Decide(new Call("x"), 2).IsAllowed);
        }

        Assert.True(limiter.Decide(new Call("x"), 1).IsAllowed);
    }

    [Fact]
    public void Each_rule_has_a_shared_quota_of_its_own()
    {
        QuotaLimiter<Call> limiter = Full(KeyCapBehavior.Overflow, Call.Hour("r", 3), Call.Hour("s", 3) with { Key = ["ip", "path"] });
        Assert.Equal(3, Enumerable.Range(0, 9).Count(i => limiter.Decide(new Call($"late{i}")).IsAllowed));
        Assert.Equal(12, limiter.KeyCount);
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public void A_limited_key_stays_limited_while_ten_times_the_cap_of_new_keys_is_sprayed(RateLimitAlgorithm algorithm)
    {
        foreach (KeyCapBehavior behavior in Enum.GetValues<KeyCapBehavior>())
        {
            SteerableTimeProvider time = new();
            QuotaLimiterOptions<Call> options = Call.Options(time, Call.By(algorithm, "r", 2), Call.Bucket("spray", 2) with { Key = ["path"] });
            options.MaxKeys = 100;
            options.KeyCap = behavior;
            QuotaLimiter<Call> limiter = new(options);
            Call limited = new("limited", "/limited");
            Assert.True(limiter.Decide(limited, 2).IsAllowed);
            time.Advance(TimeSpan.FromSeconds(2));
            for (int i = 0; i < 1_000; i++)
            {
                limiter.Decide(new Call($"{i}", $"/{i}"));
                Assert.Contains("r", limiter.Decide(limited).ViolatedRules);
                time.Advance(TimeSpan.FromMilliseconds(100));

                // Set back a little every now and then, and far once.
                time.WallClockOffset = i < 500 ? TimeSpan.FromSeconds(-(i % 7)) : TimeSpan.FromSeconds(-600 - (i % 7));
                if (i == 500 && algorithm is RateLimitAlgorithm.FixedWindow or RateLimitAlgorithm.SlidingWindow)
                {
                    // A clock set back further than windows wait for may end one early; then it is used up again.
                    time.Advance(TimeSpan.FromSeconds(1));
                    limiter.Decide(limited);
                    limiter.Decide(limited);
                }
            }

            Assert.True(behavior == KeyCapBehavior.Overflow || limiter.KeyCount <= 100);
            Assert.True(limiter.EvictedKeys > 0 || limiter.RefusedKeys > 0);
        }
    }

    [Theory]
    [InlineData(KeyCapBehavior.Overflow, 4)]
    [InlineData(KeyCapBehavior.Reject, 0)]
    [InlineData(KeyCapBehavior.Admit, 9)]
    public void A_rule_that_only_charges_later_goes_by_the_cap_too(KeyCapBehavior behavior, int passed)
    {
        QuotaLimiter<Call> limiter = Full(behavior, Call.Hour("r", 40) with { Cost = 0, Charge = "tokens", Key = ["path"] }, Call.Hour("fill", 100));
        Assert.Equal(
            passed,
            Enumerable.Range(0, 9).Count(i =>
            {
                using QuotaDecision decision = limiter.Decide(new Call("0", $"/late{i}"));
                decision.Charge("tokens", 10);
                return decision.IsAllowed;
            }));
        Assert.InRange(limiter.GetRuleCounts()[0].NoRoom, 9, 18);
    }

    [Fact]
    public void A_key_with_an_override_shares_the_overflow_at_the_limit_of_the_rule()
    {
        QuotaLimiter<Call> limiter = Full(KeyCapBehavior.Overflow, Call.Hour("r", 3));
        limiter.Update(new RuleSet(limiter.Rules, [new RuleOverride { Rule = "r", Key = ["late0"], Limit = 1_000 }]));
        Assert.Equal(3, Enumerable.Range(0, 9).Count(i => limiter.Decide(new Call($"late{i % 2}")).IsAllowed));
    }

    /// <summary>A limiter with room for 10 keys, all of them taken.</summary>
    private QuotaLimiter<Call> Full(KeyCapBehavior behavior, params RateLimitRule[] rules)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, rules);
        options.MaxKeys = 10;
        options.KeyCap = behavior;
        QuotaLimiter<Call> limiter = new(options);
        for (int i = 0; limiter.KeyCount < 10; i++)
        {
            Assert.True(limiter.Decide(new Call($"{i}", $"/{i}")).IsAllowed);
        }

        return limiter;
    }
}

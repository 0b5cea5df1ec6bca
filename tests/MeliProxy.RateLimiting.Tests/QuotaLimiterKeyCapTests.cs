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
    public void A_limited_key_stays_limited_while_ten_times_the_cap_of_new_keys_is_sprayed()
    {
        QuotaLimiter<Call> limiter = Full(KeyCapBehavior.Admit, Call.Hour("r", 2));
        Call limited = new("0");
        Assert.True(limiter.Decide(limited).IsAllowed);
        for (int i = 0; i < 100; i++)
        {
            limiter.Decide(new Call($"spray{i}"));
            Assert.False(limiter.Decide(limited).IsAllowed);
        }
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
            Assert.True(limiter.Decide(new Call($"{i}")).IsAllowed);
        }

        return limiter;
    }
}

using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

/// <summary>Rules enforced for a share of keys, and sets in shadow mode.</summary>
public class QuotaLimiterShareTests
{
    private const int Keys = 10_000;
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public void A_share_of_keys_is_the_same_in_every_limiter_with_the_secret_and_holds_that_of_any_lower_percentage(RateLimitAlgorithm algorithm)
    {
        HashSet<int> lower = [];
        foreach (int percent in new[] { 0, 1, 2, 10, 33, 50, 51, 90, 99, 100 })
        {
            HashSet<int> enforced = Enforced(Call.By(algorithm, "r", 0) with { EnforcePercent = percent });
            Assert.Equal(enforced, Enforced(Call.By(algorithm, "r", 0) with { EnforcePercent = percent }));
            Assert.Superset(lower, enforced);

            // Five standard deviations.
            double deviation = Math.Sqrt(Keys * (percent / 100.0) * (1 - (percent / 100.0)));
            Assert.InRange(enforced.Count, (Keys * percent / 100) - (5 * deviation), (Keys * percent / 100) + (5 * deviation));
            lower = enforced;
        }

        Assert.Equal(Keys, lower.Count);
    }

    [Fact]
    public void Rules_pick_their_keys_independently_of_each_other()
    {
        HashSet<int> both = Enforced(Call.Bucket("r", 0) with { EnforcePercent = 50 });
        both.IntersectWith(Enforced(Call.Bucket("s", 0) with { EnforcePercent = 50 }));
        Assert.InRange(both.Count, (Keys / 4) - 217, (Keys / 4) + 217);
    }

    [Fact]
    public void A_key_outside_the_share_is_counted_and_never_rejected()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 1) with { EnforcePercent = 50 });
        Call[] calls = [.. Enumerable.Range(0, 100).Select(i => new Call($"{i}"))];
        foreach (Call call in calls)
        {
            Assert.True(limiter.Decide(call).IsAllowed);
            RuleExplanation explanation = limiter.Explain(call)[0];
            Assert.Equal((0, false), (explanation.Remaining, explanation.IsAllowed));
            Assert.Equal(!explanation.IsEnforced, limiter.Decide(call).IsAllowed);
        }

        int enforced = calls.Count(call => limiter.Explain(call)[0].IsEnforced);
        RuleCounts counts = limiter.GetRuleCounts()[0];
        Assert.Equal((100, enforced, 100 - enforced), (counts.Allowed, counts.Limited, counts.ShadowLimited));
        Assert.InRange(enforced, 25, 75);
    }

    [Fact]
    public void A_set_in_shadow_mode_rejects_nothing_whatever_its_rules_say_until_the_mode_is_taken_away()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("r", 1), Call.Hour("blocked", 0), Call.AtOnce("c", 1) with { Deny = ["ip=a"] });
        options.Mode = RuleMode.Shadow;
        QuotaLimiter<Call> limiter = new(options);
        Call call = new("a");
        Assert.Equal(RuleMode.Shadow, limiter.Rules.Mode);
        for (int i = 0; i < 3; i++)
        {
            QuotaDecision decision = limiter.Decide(call);
            Assert.True(decision.IsAllowed);
            Assert.Null(decision.Rule);
        }

        Assert.Equal([2, 3, 3], limiter.GetRuleCounts().Select(c => c.ShadowLimited));
        Assert.All(limiter.Explain(call), e => Assert.False(e.IsEnforced));
        limiter.Update(new RuleSet(limiter.Rules));
        Assert.Equal(["r", "blocked", "c"], limiter.Decide(call).ViolatedRules);
    }

    private HashSet<int> Enforced(RateLimitRule rule)
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, rule);
        return [.. Enumerable.Range(0, Keys).Where(i => !limiter.Decide(new Call($"{i}")).IsAllowed)];
    }
}

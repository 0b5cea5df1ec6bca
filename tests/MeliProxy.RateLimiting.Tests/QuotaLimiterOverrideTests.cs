using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterOverrideTests
{
    private static readonly Call A = new("a");
    private static readonly Call B = new("b");
    private readonly FakeTimeProvider _time = new();

    public static TheoryData<RateLimitAlgorithm> Algorithms => [.. Enum.GetValues<RateLimitAlgorithm>()];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_key_has_the_limit_of_its_override_and_others_that_of_the_rule(RateLimitAlgorithm algorithm)
    {
        QuotaLimiter<Call> limiter = Limiter(Call.By(algorithm, "r", 3), For("a", 5));
        Assert.Equal((5, 3), (CountAllowed(limiter, A), CountAllowed(limiter, B)));
        QuotaDecision decision = limiter.Decide(A);
        Assert.Equal((5, "r"), (decision.Rule!.Limit, Assert.Single(decision.ViolatedRules)));
        Assert.Equal((5, 5), (limiter.Explain(A)[0].Rule.Limit, limiter.Explain(A)[0].Override!.Limit));
        Assert.Equal((3, null), (limiter.Explain(B)[0].Rule.Limit, limiter.Explain(B)[0].Override));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void A_limit_of_0_blocks_until_it_ends_and_says_so(RateLimitAlgorithm algorithm)
    {
        DateTimeOffset end = _time.GetUtcNow() + TimeSpan.FromMilliseconds(1_234_567);
        QuotaLimiter<Call> limiter = Limiter(Call.By(algorithm, "r", 3), For("a", 0) with { ExpiresAt = end });
        QuotaDecision decision = limiter.Decide(A);
        Assert.False(decision.IsAllowed);
        Assert.Equal((0, end - _time.GetUtcNow(), end - _time.GetUtcNow()), (decision.Remaining, decision.RetryAfter, decision.ResetAfter));
        Assert.Equal(0, limiter.KeyCount);
        Assert.True(limiter.Decide(B).IsAllowed);

        _time.Advance(decision.RetryAfter - TimeSpan.FromMilliseconds(1));
        decision = limiter.Decide(A);
        Assert.Equal((false, TimeSpan.FromMilliseconds(1)), (decision.IsAllowed, decision.RetryAfter));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(3, CountAllowed(limiter, A));
        Assert.Null(limiter.Explain(A)[0].Override);
    }

    [Fact]
    public void A_block_without_end_tells_to_come_back_after_a_window()
    {
        QuotaLimiter<Call> limiter = Limiter(Call.Bucket("r", 3), For("a", 0));
        Assert.Equal((false, TimeSpan.FromSeconds(3)), (limiter.Decide(A).IsAllowed, limiter.Decide(A).RetryAfter));
        _time.Advance(TimeSpan.FromDays(1_000));
        Assert.False(limiter.Decide(A).IsAllowed);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void An_unlimited_key_always_passes_and_is_not_counted(RateLimitAlgorithm algorithm)
    {
        string? charge = algorithm == RateLimitAlgorithm.Concurrency ? null : "c";
        QuotaLimiter<Call> limiter = Limiter(Call.By(algorithm, "r", 1) with { Charge = charge }, For("a", null));
        for (int i = 0; i < 50; i++)
        {
            QuotaDecision decision = limiter.Decide(A, 100, isRefundable: true);
            Assert.True(decision.IsAllowed);
            Assert.Null(decision.Rule);
            decision.Charge("c", 1_000);
            decision.Refund();
            decision.Dispose();
        }

        Assert.Equal((0, long.MaxValue), (limiter.KeyCount, A.RemainingIn(limiter)));
        Assert.Equal(50, limiter.GetRuleCounts()[0].Allowed);
        Assert.Equal(1, CountAllowed(limiter, B));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Counts_are_kept_when_an_override_comes_changes_expires_and_goes(RateLimitAlgorithm algorithm)
    {
        RateLimitRule rule = Call.By(algorithm, "r", 10);
        QuotaLimiter<Call> limiter = Limiter(rule);
        limiter.Decide(A, 4);
        foreach ((RuleOverride? change, long expected) in new (RuleOverride?, long)[]
        {
            (For("a", 0), 0),
            (null, 6),
            (For("a", null), long.MaxValue),
            (null, 6),
            (For("b", 1), 6),
            (For("a", 5) with { ExpiresAt = _time.GetUtcNow() }, 6),
            (For("a", 100) with { ExpiresAt = _time.GetUtcNow().AddDays(-1) }, 6),
        })
        {
            limiter.Update(new RuleSet([rule], change is null ? null : [change]));
            Assert.Equal(expected, A.RemainingIn(limiter));
        }

        // A bucket keeps the share that is in use, the others the number.
        bool isBucket = algorithm == RateLimitAlgorithm.TokenBucket;
        limiter.Update(new RuleSet([rule], [For("a", 20)]));
        Assert.Equal(isBucket ? 12 : 16, A.RemainingIn(limiter));
        limiter.Update(new RuleSet([rule], [For("a", 5)]));
        Assert.Equal(isBucket ? 3 : 1, A.RemainingIn(limiter));
        limiter.Update(new RuleSet([rule]));
        Assert.Equal(6, A.RemainingIn(limiter));
    }

    [Fact]
    public void A_rule_that_blocks_can_let_single_keys_pass()
    {
        QuotaLimiter<Call> limiter = Limiter(Call.Hour("r", 0), For("a", 2), For("b", null));
        Assert.Equal((2, 50, 0), (CountAllowed(limiter, A), CountAllowed(limiter, B), CountAllowed(limiter, new Call("c"))));
    }

    [Fact]
    public void An_override_has_a_burst_of_its_own_or_none()
    {
        RateLimitRule rule = Call.Bucket("r", 10) with { Burst = 40 };
        QuotaLimiter<Call> limiter = Limiter(rule, For("a", 10) with { Burst = 3 }, For("b", 10));
        Assert.Equal((3, 10, 40), (CountAllowed(limiter, A), CountAllowed(limiter, B), CountAllowed(limiter, new Call("c"))));
    }

    [Fact]
    public void An_override_is_for_the_whole_key_and_an_empty_value_for_a_part_that_is_missing()
    {
        RateLimitRule rule = Call.Hour("r", 1) with { Key = ["ip", "path"] };
        QuotaLimiter<Call> limiter = Limiter(rule, For("a", 3) with { Key = ["a", "/x"] }, For("a", 2) with { Key = ["", "/x"] });
        Assert.Equal(
            (3, 1, 2, 1),
            (CountAllowed(limiter, new Call("a", "/x")), CountAllowed(limiter, new Call("a", "/y")), CountAllowed(limiter, new Call(null, "/x")), CountAllowed(limiter, new Call("b", "/x"))));
    }

    [Fact]
    public void An_override_of_one_rule_is_none_of_another()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("r", 3), Call.Hour("s", 2));
        options.Overrides.Add(For("a", 10));
        QuotaLimiter<Call> limiter = new(options);
        Assert.Equal(2, CountAllowed(limiter, A));
        Assert.Equal([8, 0], limiter.Explain(A).Select(e => e.Remaining));
    }

    [Fact]
    public void What_was_taken_under_an_override_is_given_back_after_it_has_expired()
    {
        RuleOverride over = For("a", 100) with { ExpiresAt = _time.GetUtcNow().AddMinutes(1) };
        QuotaLimiter<Call> limiter = Limiter(Call.AtOnce("r", 10), over);
        QuotaDecision decision = limiter.Decide(A, 15);
        Assert.True(decision.IsAllowed);
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, A.RemainingIn(limiter));
        decision.Dispose();
        Assert.Equal(10, A.RemainingIn(limiter));
    }

    private static RuleOverride For(string ip, long? limit) => new() { Rule = "r", Key = [ip], Limit = limit };

    private static int CountAllowed(QuotaLimiter<Call> limiter, Call call) => Enumerable.Range(0, 50).Count(_ => limiter.Decide(call).IsAllowed);

    private QuotaLimiter<Call> Limiter(RateLimitRule rule, params RuleOverride[] overrides)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, rule);
        foreach (RuleOverride over in overrides)
        {
            options.Overrides.Add(over);
        }

        return new QuotaLimiter<Call>(options);
    }
}

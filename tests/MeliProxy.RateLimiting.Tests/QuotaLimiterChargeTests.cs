using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterChargeTests
{
    private static readonly Call A = new("a");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_charge_goes_to_the_rules_of_its_name_only()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(
            _time,
            Call.Bucket("tokens", 100) with { Charge = "tokens" },
            Call.Hour("bytes", 100) with { Charge = "bytes" },
            Call.Hour("shadow", 100) with { Charge = "tokens", Mode = RuleMode.Shadow },
            Call.Hour("none", 100));
        QuotaDecision decision = limiter.Decide(A);
        Assert.True(decision.IsUnsettled);
        decision.Charge("tokens", 10);
        decision.Charge("Tokens", 50);
        decision.Charge("bytes", 0);
        decision.Charge("tokens", 5);
        decision.Charge("bytes", 3);
        Assert.Equal([100 - 16, 100 - 4, 100 - 16, 100 - 1], limiter.Explain(A).Select(e => e.Remaining));
    }

    [Fact]
    public void Nothing_is_charged_after_disposal_nor_where_no_rule_has_charges()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 100) with { Charge = "tokens" });
        QuotaDecision decision = limiter.Decide(A);
        decision.Dispose();
        decision.Charge("tokens", 10);
        Assert.Equal(99, A.RemainingIn(limiter));
        Assert.Throws<ArgumentOutOfRangeException>(() => decision.Charge("tokens", -1));
        Assert.Throws<ArgumentNullException>(() => decision.Charge(null!, 1));

        QuotaDecision without = Call.Limiter(_time, Call.Bucket("r", 100)).Decide(A);
        Assert.False(without.IsUnsettled);
        without.Charge("tokens", 10);
    }

    [Fact]
    public void A_rejected_resource_is_charged_nothing()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 100) with { Charge = "tokens" }, Call.Hour("s", 0));
        QuotaDecision decision = limiter.Decide(A);
        Assert.False(decision.IsAllowed || decision.IsUnsettled);
        decision.Charge("tokens", 10);
        Assert.Equal(100, A.RemainingIn(limiter));
    }

    [Fact]
    public void A_token_bucket_in_debt_pays_it_back_to_the_tick()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 10) with { Charge = "tokens" });
        limiter.Decide(A).Charge("tokens", 34);
        QuotaDecision rejected = limiter.Decide(A);
        Assert.Equal((0, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(26)), (rejected.Remaining, rejected.ResetAfter, rejected.RetryAfter));
        _time.Advance(TimeSpan.FromSeconds(26) - TimeSpan.FromTicks(1));
        Assert.False(limiter.Decide(A).IsAllowed);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(limiter.Decide(A).IsAllowed);
        Assert.False(limiter.Decide(A).IsAllowed);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(10, A.RemainingIn(limiter));
    }

    [Fact]
    public void A_debt_of_a_fixed_window_ends_with_it()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 10) with { Charge = "tokens" });
        limiter.Decide(A).Charge("tokens", 1_000_000);
        TimeSpan retryAfter = limiter.Decide(A).RetryAfter;
        Assert.InRange(retryAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        _time.Advance(retryAfter - TimeSpan.FromMilliseconds(1));
        Assert.False(limiter.Decide(A).IsAllowed);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(10, A.RemainingIn(limiter));
        Assert.True(limiter.Decide(A).IsAllowed);
    }

    [Fact]
    public void A_debt_of_a_sliding_window_fades_in_the_window_after_it()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.By(RateLimitAlgorithm.SlidingWindow, "r", 10) with { Charge = "tokens" });
        limiter.Decide(A).Charge("tokens", 99);

        // 100 were used; 9 of them or fewer are left when 9/100 of the next window are.
        TimeSpan untilNext = TimeSpan.FromHours(1) - TimeSpan.FromTicks(_time.GetUtcNow().Ticks % TimeSpan.TicksPerHour);
        Assert.Equal(untilNext + (TimeSpan.FromHours(1) * 0.91), limiter.Decide(A).RetryAfter);
        _time.Advance(limiter.Decide(A).RetryAfter);
        Assert.True(limiter.Decide(A).IsAllowed);
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    public void The_largest_charges_do_not_overflow_and_a_key_comes_back_from_them(RateLimitAlgorithm algorithm)
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.By(algorithm, "r", 10) with { Charge = "tokens" });
        QuotaDecision decision = limiter.Decide(A);
        for (int i = 0; i < 5; i++)
        {
            decision.Charge("tokens", long.MaxValue);
            decision.Charge("tokens", long.MaxValue / 2);
            QuotaDecision rejected = limiter.Decide(A);
            Assert.False(rejected.IsAllowed);
            Assert.Equal(0, rejected.Remaining);
            Assert.InRange(rejected.RetryAfter, TimeSpan.FromMilliseconds(1), RateLimitRule.MaxWindow + TimeSpan.FromHours(2));
            Assert.InRange(rejected.ResetAfter, rejected.RetryAfter, RateLimitRule.MaxWindow + TimeSpan.FromHours(2));
        }

        _time.Advance(limiter.Decide(A).RetryAfter);
        Assert.True(limiter.Decide(A).IsAllowed);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(10, A.RemainingIn(limiter));
    }

    [Fact]
    public void A_cost_of_0_takes_nothing_asks_for_one_permit_and_leaves_the_rest_to_the_charge()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 10) with { Cost = 0, Charge = "tokens" });
        for (int i = 0; i < 20; i++)
        {
            Assert.True(limiter.Decide(A, 3).IsAllowed);
        }

        Assert.Equal((1, 10), (limiter.KeyCount, A.RemainingIn(limiter)));
        QuotaDecision first = limiter.Decide(A);
        QuotaDecision second = limiter.Decide(A);
        first.Charge("tokens", 9);
        Assert.Equal((1, 1), (limiter.KeyCount, A.RemainingIn(limiter)));
        Assert.True(limiter.Decide(A).IsAllowed);
        second.Charge("tokens", 9);
        Assert.False(limiter.Decide(A).IsAllowed);
        Assert.False(limiter.Decide(A, 0).IsAllowed);
    }

    [Fact]
    public void A_charge_finds_a_key_again_that_was_evicted_meanwhile()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Bucket("r", 2) with { Charge = "tokens" });
        options.MaxKeys = 1;
        QuotaLimiter<Call> limiter = new(options);
        QuotaDecision decision = limiter.Decide(A);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(limiter.Decide(new Call("b")).IsAllowed);
        Assert.Equal(1, limiter.EvictedKeys);
        decision.Refund();
        _time.Advance(TimeSpan.FromSeconds(5));
        decision.Charge("tokens", 2);
        Assert.Equal((0, 2), (A.RemainingIn(limiter), new Call("b").RemainingIn(limiter)));
    }

    [Fact]
    public void Charges_of_several_threads_add_up()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(
            _time,
            [.. new[] { RateLimitAlgorithm.TokenBucket, RateLimitAlgorithm.FixedWindow, RateLimitAlgorithm.SlidingWindow }
                .Select(a => Call.By(a, $"{a}", 1_000_000) with { Charge = "tokens", Cost = 0 })]);
        Together.Run(
            4,
            _ =>
            {
                for (int i = 0; i < 5_000; i++)
                {
                    using QuotaDecision decision = limiter.Decide(A);
                    decision.Charge("tokens", 3);
                }
            });
        Assert.All(limiter.Explain(A), e => Assert.Equal(1_000_000 - 60_000, e.Remaining));
    }
}

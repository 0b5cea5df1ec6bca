using System.Threading.RateLimiting;
using CsCheck;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

/// <summary>Rules that limit how many permits are held at a time.</summary>
public class QuotaLimiterConcurrencyRuleTests
{
    private static readonly Call A = new("a");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Permits_are_held_until_the_decision_is_disposed_of_however_long_that_takes()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.AtOnce("r", 2));
        QuotaDecision first = limiter.Decide(A);
        Assert.True(first.IsAllowed && first.IsUnsettled);
        Assert.Equal((1, TimeSpan.Zero, TimeSpan.Zero), (first.Remaining, first.ResetAfter, first.RetryAfter));
        QuotaDecision second = limiter.Decide(A);
        _time.Advance(TimeSpan.FromDays(1));
        QuotaDecision third = limiter.Decide(A);
        Assert.False(third.IsAllowed || third.IsUnsettled);
        Assert.Equal(["r"], third.ViolatedRules);
        Assert.Equal((0, TimeSpan.Zero), (third.Remaining, third.RetryAfter));
        Assert.True(limiter.Decide(new Call("b")).IsAllowed);
        second.Dispose();
        Assert.True(limiter.Decide(A).IsAllowed);
        Assert.False(limiter.Decide(A).IsAllowed);
    }

    [Fact]
    public void Permits_are_released_once_however_often_a_decision_or_a_copy_of_it_is_disposed_of()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.AtOnce("r", 3));
        QuotaDecision decision = limiter.Decide(A);
        limiter.Decide(A);
        limiter.Decide(A);
        QuotaDecision copy = decision;
        for (int i = 0; i < 5; i++)
        {
            decision.Dispose();
            copy.Dispose();
            copy.Refund();
            Assert.Equal(1, A.RemainingIn(limiter));
        }
    }

    [Fact]
    public void A_lease_releases_its_permits_once()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.AtOnce("r", 3) with { Cost = 2 });
        RateLimitLease lease = limiter.AttemptAcquire(A);
        Assert.True(lease.IsAcquired);
        RateLimitLease rejected = limiter.AttemptAcquire(A);
        Assert.False(rejected.IsAcquired);
        rejected.Dispose();
        Assert.Equal(1, A.RemainingIn(limiter));
        lease.Dispose();
        RateLimitLease next = limiter.AttemptAcquire(A);
        lease.Dispose();
        Assert.Equal(1, A.RemainingIn(limiter));
        next.Dispose();
        Assert.Equal(3, A.RemainingIn(limiter));
    }

    [Fact]
    public void A_decision_that_is_over_touches_nothing_of_those_that_came_after_it()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.AtOnce("r", 1), Call.Bucket("charged", 1_000) with { Charge = "work" });
        QuotaDecision over = limiter.Decide(A, 1, isRefundable: true);
        over.Dispose();
        for (int i = 0; i < 10; i++)
        {
            QuotaDecision current = limiter.Decide(A, 1, isRefundable: true);
            Assert.True(current.IsAllowed);
            over.Dispose();
            over.Refund();
            over.Charge("work", 100);
            Assert.False(limiter.Decide(A).IsAllowed);
            current.Dispose();
        }

        Assert.Equal(1_000 - 11, limiter.Explain(A)[1].Remaining);
    }

    [Fact]
    public void What_another_rule_rejects_holds_nothing()
    {
        RateLimitRule held = Call.AtOnce("held", 5);
        foreach (RateLimitRule[] rules in new[] { [held, Call.Hour("r", 1)], new[] { Call.Hour("r", 1), held } })
        {
            QuotaLimiter<Call> limiter = Call.Limiter(_time, rules);
            QuotaDecision allowed = limiter.Decide(A);
            for (int i = 0; i < 10; i++)
            {
                QuotaDecision rejected = limiter.Decide(A);
                Assert.Equal(["r"], rejected.ViolatedRules);
                Assert.False(rejected.IsUnsettled);
                rejected.Dispose();
            }

            Assert.Equal(4, limiter.Explain(A).Single(e => e.Rule.Name == "held").Remaining);
            allowed.Dispose();
            Assert.Equal(5, limiter.Explain(A).Single(e => e.Rule.Name == "held").Remaining);
        }
    }

    [Fact]
    public void Permits_taken_under_a_rule_that_has_changed_or_gone_are_released_all_the_same()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.AtOnce("r", 5) with { Cost = 2 });
        QuotaDecision first = limiter.Decide(A);
        QuotaDecision second = limiter.Decide(A);
        limiter.Update(new RuleSet([Call.AtOnce("r", 3)]));
        Assert.False(limiter.Decide(A).IsAllowed);
        first.Dispose();
        Assert.Equal(1, A.RemainingIn(limiter));
        limiter.Update(RuleSet.Empty);
        second.Dispose();
        limiter.Update(new RuleSet([Call.AtOnce("r", 3)]));
        Assert.Equal(3, A.RemainingIn(limiter));
    }

    [Fact]
    public void In_shadow_mode_no_more_than_the_limit_is_held_and_all_pass()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.AtOnce("r", 1) with { Mode = RuleMode.Shadow });
        QuotaDecision first = limiter.Decide(A);
        QuotaDecision second = limiter.Decide(A);
        Assert.True(first.IsAllowed && second.IsAllowed);
        second.Dispose();
        Assert.Equal(0, A.RemainingIn(limiter));
        first.Dispose();
        Assert.Equal(1, A.RemainingIn(limiter));
    }

    [Fact]
    public void At_any_time_a_key_has_what_its_limit_leaves_of_what_is_held() =>
        Gen.Select(Gen.Int[1, 20], Gen.Select(Gen.Int[0, 9], Gen.Int[0, 30], Gen.OneOfConst("a", "b")).Array[1, 100]).Sample(
            (limit, steps) =>
            {
                QuotaLimiterOptions<Call> options = Call.Options(new FakeTimeProvider(), Call.AtOnce("r", limit));
                options.MaxKeys = 2;
                QuotaLimiter<Call> limiter = new(options);
                List<(QuotaDecision Decision, string Ip, int Permits)> held = [];
                List<QuotaDecision> over = [];
                foreach ((int act, int number, string ip) in steps)
                {
                    Call call = new(ip);
                    int sum = held.Where(h => h.Ip == ip).Sum(h => h.Permits);
                    if (act < 5)
                    {
                        QuotaDecision decision = limiter.Decide(call, number / 3);
                        Assert.Equal(sum + Math.Max(number / 3, 1) <= limit, decision.IsAllowed);
                        if (decision.IsAllowed)
                        {
                            held.Add((decision, ip, number / 3));
                        }
                    }
                    else if (act < 8 && held.Count > 0)
                    {
                        int which = number % held.Count;
                        held[which].Decision.Dispose();
                        over.Add(held[which].Decision);
                        held.RemoveAt(which);
                    }
                    else if (act == 8 && over.Count > 0)
                    {
                        over[number % over.Count].Dispose();
                    }
                    else if (act == 9)
                    {
                        limit = 1 + (number % 20);
                        limiter.Update(new RuleSet([Call.AtOnce("r", limit)]));
                    }

                    Assert.Equal(Math.Max(limit - held.Where(h => h.Ip == ip).Sum(h => h.Permits), 0), call.RemainingIn(limiter));
                }
            },
            iter: 1_000);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Threads_never_hold_more_than_the_limit_while_keys_come_and_go(int limit)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.AtOnce("r", limit), Call.AtOnce("other", 1_000) with { Key = ["path"] });
        options.MaxKeys = 6;
        QuotaLimiter<Call> limiter = new(options);
        int held = 0;
        int most = 0;
        int given = 0;
        Call[][] calls = [.. Enumerable.Range(0, 4).Select(t => Enumerable.Range(0, 3).Select(i => new Call("a", $"/{t}/{i}")).ToArray())];
        Together.Run(
            4,
            thread =>
            {
                for (int i = 0; i < 20_000; i++)
                {
                    using QuotaDecision decision = limiter.Decide(calls[thread][i % 3]);
                    if (decision.IsAllowed)
                    {
                        int now = Interlocked.Increment(ref held);
                        InterlockedMax(ref most, now);
                        Interlocked.Increment(ref given);
                        Interlocked.Decrement(ref held);
                    }
                }
            });
        Assert.InRange(most, 1, limit);
        Assert.InRange(given, 1_000, 80_000);
        Assert.Equal(limit, A.RemainingIn(limiter));
    }

    [Fact]
    public void Threads_whose_keys_find_no_room_share_the_limit_exactly()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.AtOnce("r", 5), Call.AtOnce("other", 5) with { Key = ["path"] });
        options.MaxKeys = 1;
        options.KeyCap = KeyCapBehavior.Overflow;
        QuotaLimiter<Call> limiter = new(options);

        // It takes the only place, and one permit of those without.
        limiter.Decide(new Call("first"));
        int rejected = 0;
        Call[][] calls = [.. Enumerable.Range(0, 4).Select(t => Enumerable.Range(0, 50).Select(i => new Call($"{t}/{i}", $"/{t}/{i}")).ToArray())];
        Together.Run(
            4,
            thread =>
            {
                for (int i = 0; i < 20_000; i++)
                {
                    // Each thread holds one at a time, so there always is one for it.
                    using QuotaDecision decision = limiter.Decide(calls[thread][i % 50]);
                    Interlocked.Add(ref rejected, decision.IsAllowed ? 0 : 1);
                }
            });
        Assert.Equal(0, rejected);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen = most;
        while (value > seen)
        {
            seen = Interlocked.CompareExchange(ref most, value, seen) is var was && was == seen ? value : was;
        }
    }
}

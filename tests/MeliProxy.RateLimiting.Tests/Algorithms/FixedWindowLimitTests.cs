using System.Numerics;
using CsCheck;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

public class FixedWindowLimitTests
{
    private const long Day = 86_400_000;
    private const long Base = 20_000 * Day;
    private const long Start = Day + 12_345_678;

    /// <summary>Shares of a window by which the wall clock moves, sometimes back, and shares of the limit to take.</summary>
    private static readonly Gen<(double Move, double Cost)[]> Steps =
        Gen.Select(Gen.OneOf(Gen.Const(0.0), Gen.Double[-0.3, 0.5], Gen.Double[0, 2]), Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.3], Gen.Double[0, 1]))
            .Array[1, 60];

    [Fact]
    public void It_admits_the_limit_in_each_window_of_the_epoch_whatever_the_wall_clock_does() =>
        Gen.Select(RuleGen.FixedWindow, Steps).Sample(
            (rule, steps) =>
            {
                FixedWindowLimit limit = new(rule);
                long window = (long)rule.Window.TotalMilliseconds;
                long now = Start;
                long state = limit.Fresh(At(now));
                Dictionary<BigInteger, BigInteger> counts = [];
                BigInteger latest = (new BigInteger(Base) + Start) / window;
                foreach ((double move, double share) in steps)
                {
                    now = Math.Clamp(now + (long)(move * window), 1, 16 * 365 * Day);
                    latest = BigInteger.Max(latest, (new BigInteger(Base) + now) / window);
                    BigInteger count = counts.GetValueOrDefault(latest);
                    BigInteger untilEnd = ((latest + 1) * window) - Base - now;
                    long cost = Math.Max(1, (long)(share * rule.Limit));

                    QuotaStanding standing = limit.Standing(state, cost, At(now));
                    Assert.Equal(rule.Limit - count, standing.Remaining);
                    Assert.Equal(untilEnd, (BigInteger)standing.ResetAfter.TotalMilliseconds);
                    Assert.Equal(count + cost <= rule.Limit ? 0 : untilEnd, (BigInteger)standing.RetryAfter.TotalMilliseconds);

                    bool taken = limit.TryTake(state, cost, At(now), out long newState);
                    Assert.Equal(count + cost <= rule.Limit, taken);
                    if (taken)
                    {
                        state = newState;
                        counts[latest] = count + cost;
                    }
                }

                Assert.All(counts.Values, count => Assert.True(count <= rule.Limit));
            },
            iter: 2_000);

    [Fact]
    public void A_retry_after_the_time_told_succeeds_and_one_a_millisecond_earlier_fails() =>
        Gen.Select(RuleGen.FixedWindow, Gen.Double[0, 1], Gen.Double[0, 1]).Sample(
            (rule, when, asked) =>
            {
                FixedWindowLimit limit = new(rule);
                long now = Start + (long)(when * rule.Window.TotalMilliseconds);
                Assert.True(limit.TryTake(limit.Fresh(At(now)), rule.Limit, At(now), out long state));
                long cost = Math.Max(1, (long)(asked * rule.Limit));
                long retryAfter = (long)limit.Standing(state, cost, At(now)).RetryAfter.TotalMilliseconds;
                Assert.InRange(retryAfter, 1, (long)rule.Window.TotalMilliseconds);
                Assert.False(limit.TryTake(state, cost, At(now + retryAfter - 1), out _));
                Assert.True(limit.TryTake(state, cost, At(now + retryAfter), out _));
            },
            iter: 5_000);

    [Fact]
    public void Permits_given_back_in_their_window_leave_no_trace_and_later_ones_none_either() =>
        Gen.Select(RuleGen.FixedWindow, Gen.Double[0, 1], Gen.Double[0, 1], Gen.Bool).Sample(
            (rule, before, share, windowEnds) =>
            {
                FixedWindowLimit limit = new(rule);
                long now = Start;
                limit.TryTake(limit.Fresh(At(now)), (long)(before * rule.Limit), At(now), out long state);
                long cost = Math.Max(1, (long)(share * rule.Limit));
                if (!limit.TryTake(state, cost, At(now), out long taken))
                {
                    return;
                }

                if (windowEnds)
                {
                    now += (long)rule.Window.TotalMilliseconds;
                    Assert.True(limit.TryTake(taken, 1, At(now), out long next));
                    Assert.Equal(next, limit.Refund(next, taken, cost, At(now)));
                }
                else
                {
                    Assert.Equal(state, limit.Refund(taken, taken, cost, At(now)));
                }
            },
            iter: 2_000);

    [Fact]
    public void The_largest_limits_do_not_spill_into_the_window() =>
        Gen.OneOfConst(1L, 1_000, 60_000, 3_600_000, Day, 366 * Day).Sample(
            window =>
            {
                TimeSpan length = TimeSpan.FromMilliseconds(window);
                long most = Math.Min(WindowLayout.For(length).MaxCount / 2, 10_000 * window);
                FixedWindowLimit limit = new(RuleGen.Rule(RateLimitAlgorithm.FixedWindow, most, length, null));
                long far = 16 * 365 * Day;
                Assert.True(limit.TryTake(limit.Fresh(At(far)), most, At(far), out long state));
                Assert.True(state > 0);
                QuotaStanding standing = limit.Standing(state, 1, At(far));
                Assert.Equal(0, standing.Remaining);
                Assert.InRange(standing.ResetAfter.TotalMilliseconds, 1, window);
                Assert.False(limit.TryTake(state, 1, At(far), out _));
                Assert.False(limit.TryTake(state, long.MaxValue, At(far), out _));
            });

    [Fact]
    public void A_lowered_limit_leaves_nothing_until_the_window_ends_and_a_raised_one_leaves_the_difference()
    {
        FixedWindowLimit old = new(RuleGen.Rule(RateLimitAlgorithm.FixedWindow, 10, TimeSpan.FromSeconds(1), null));
        Assert.True(old.TryTake(old.Fresh(At(Start)), 8, At(Start), out long state));
        FixedWindowLimit lower = new(RuleGen.Rule(RateLimitAlgorithm.FixedWindow, 5, TimeSpan.FromSeconds(1), null));
        FixedWindowLimit higher = new(RuleGen.Rule(RateLimitAlgorithm.FixedWindow, 20, TimeSpan.FromSeconds(1), null));
        Assert.Equal(0, lower.Standing(state, 1, At(Start)).Remaining);
        Assert.False(lower.TryTake(state, 1, At(Start), out _));
        Assert.Equal(1.6, lower.Used(state, At(Start)));
        Assert.Equal(12, higher.Standing(state, 1, At(Start)).Remaining);
    }

    [Fact]
    public void A_limit_of_0_gives_nothing()
    {
        Limit limit = Limit.For(RuleGen.Rule(RateLimitAlgorithm.FixedWindow, 0, TimeSpan.FromSeconds(1), null));
        Assert.False(limit.TryTake(limit.Fresh(At(Start)), 1, At(Start), out _));
        Assert.InRange(limit.Standing(limit.Fresh(At(Start)), 1, At(Start)).RetryAfter.TotalMilliseconds, 1, 1_000);
        Assert.Equal(1, limit.Used(limit.Fresh(At(Start)), At(Start)));
    }

    private static QuotaInstant At(long wallMilliseconds) => new(1L << 40, wallMilliseconds, Base);
}

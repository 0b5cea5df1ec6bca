using System.Numerics;
using CsCheck;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

public class TokenBucketLimitTests
{
    private const long Start = 1L << 40;
    private const long Tick = QuotaClock.UnitsPerTick;

    /// <summary>Shares of a window to wait, and shares of the capacity to take.</summary>
    private static readonly Gen<(double Wait, double Cost)[]> Steps =
        Gen.Select(Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.01], Gen.Double[0, 2]), Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.3], Gen.Double[0, 1]))
            .Array[1, 60];

    [Fact]
    public void It_admits_exactly_what_a_bucket_of_permits_does() =>
        Gen.Select(RuleGen.TokenBucket, Steps).Sample(
            (rule, steps) =>
            {
                TokenBucketLimit limit = new(rule);
                BucketModel model = new(rule);
                long now = Start;
                long state = limit.Fresh(At(now));
                foreach ((double wait, double share) in steps)
                {
                    long pass = (long)(wait * rule.Window.Ticks * Tick / 3);
                    now += pass;
                    model.Pass(pass);
                    long cost = Math.Max(1, (long)(share * rule.Capacity));

                    QuotaStanding standing = limit.Standing(state, cost, At(now));
                    Assert.Equal(model.Remaining, standing.Remaining);
                    Assert.Equal(model.ResetTicks, standing.ResetAfter.Ticks);
                    Assert.Equal(model.RetryTicks(cost), standing.RetryAfter.Ticks);

                    bool taken = limit.TryTake(state, cost, At(now), out long newState);
                    Assert.Equal(model.TryTake(cost), taken);
                    state = taken ? newState : state;
                    Assert.True(state > 0);
                }
            },
            iter: 2_000);

    [Fact]
    public void It_never_admits_more_than_the_burst_and_what_the_rate_gives() =>
        Gen.Select(RuleGen.TokenBucket, Steps).Sample(
            (rule, steps) =>
            {
                TokenBucketLimit limit = new(rule);
                long now = Start;
                long state = limit.Fresh(At(now));
                BigInteger admitted = 0;
                foreach ((double wait, double share) in steps)
                {
                    now += (long)(wait * rule.Window.Ticks * Tick / 3);
                    long cost = Math.Max(1, (long)(share * rule.Capacity));
                    while (limit.TryTake(state, cost, At(now), out long newState))
                    {
                        state = newState;
                        admitted += cost;
                        cost = Math.Max(cost, (rule.Capacity / 20) + 1);
                    }

                    // admitted <= burst + elapsed * limit / window
                    BigInteger window = new BigInteger(rule.Window.Ticks) * Tick;
                    Assert.True(admitted * window <= (rule.Capacity * window) + (new BigInteger(now - Start) * rule.Limit));
                }
            },
            iter: 2_000);

    [Fact]
    public void Over_a_long_time_it_admits_the_rate_less_what_rounding_costs() =>
        RuleGen.TokenBucket.Sample(
            rule =>
            {
                TokenBucketLimit limit = new(rule);
                Assert.True(limit.TryTake(limit.Fresh(At(Start)), rule.Capacity, At(Start), out long state));
                Assert.Equal(0, limit.Standing(state, 1, At(Start)).Remaining);

                // As long as a full burst takes to refill, give or take the rounding.
                long elapsed = (long)((Int128)rule.Window.Ticks * Tick * rule.Capacity / rule.Limit);
                long remaining = limit.Standing(state, 1, At(Start + elapsed)).Remaining;
                double perSecond = rule.Limit / rule.Window.TotalSeconds;
                double lost = perSecond <= 10_000 ? 1 / 3e6 : 1 / 3e3;
                Assert.InRange(remaining, (rule.Capacity * (1 - lost)) - 1, rule.Capacity);
            },
            iter: 5_000);

    [Fact]
    public void A_retry_after_the_time_told_succeeds_and_one_a_tick_earlier_fails() =>
        Gen.Select(RuleGen.TokenBucket, Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[0, 1]).Sample(
            (rule, used, asked, wait) =>
            {
                TokenBucketLimit limit = new(rule);
                long cost = Math.Max(1, (long)(used * rule.Capacity));
                Assert.True(limit.TryTake(limit.Fresh(At(Start)), cost, At(Start), out long state));
                long now = Start + (long)(wait * rule.Window.Ticks * Tick);
                cost = Math.Max(1, (long)(asked * rule.Capacity));
                TimeSpan retryAfter = limit.Standing(state, cost, At(now)).RetryAfter;
                Assert.Equal(retryAfter == TimeSpan.Zero, limit.TryTake(state, cost, At(now), out _));
                Assert.True(limit.TryTake(state, cost, At(now + (retryAfter.Ticks * Tick)), out _));
                if (retryAfter > TimeSpan.Zero)
                {
                    Assert.False(limit.TryTake(state, cost, At(now + ((retryAfter.Ticks - 1) * Tick)), out _));
                }
            },
            iter: 5_000);

    [Fact]
    public void After_the_reset_time_the_whole_burst_is_there_and_not_a_tick_earlier() =>
        Gen.Select(RuleGen.TokenBucket, Gen.Double[0, 1]).Sample(
            (rule, used) =>
            {
                TokenBucketLimit limit = new(rule);
                Assert.True(limit.TryTake(limit.Fresh(At(Start)), Math.Max(1, (long)(used * rule.Capacity)), At(Start), out long state));
                TimeSpan reset = limit.Standing(state, 1, At(Start)).ResetAfter;
                Assert.Equal(rule.Capacity, limit.Standing(state, 1, At(Start + (reset.Ticks * Tick))).Remaining);
                Assert.Equal(rule.Capacity - 1, limit.Standing(state, 1, At(Start + ((reset.Ticks - 1) * Tick))).Remaining);
            },
            iter: 5_000);

    [Fact]
    public void A_debt_is_paid_back_exactly_and_is_never_deeper_than_what_a_year_pays() =>
        Gen.Select(RuleGen.TokenBucket, Steps, Gen.Double[0, Math.Log(long.MaxValue)].Array[60]).Sample(
            (rule, steps, charges) =>
            {
                TokenBucketLimit limit = new(rule);
                BucketModel model = new(rule);
                long now = Start;
                long state = limit.Fresh(At(now));
                for (int i = 0; i < steps.Length; i++)
                {
                    long pass = Math.Min((long)(steps[i].Wait * rule.Window.Ticks * Tick / 3), (6 * 365L * 86_400_000 * QuotaClock.UnitsPerMillisecond) - now);
                    now += Math.Max(pass, 0);
                    model.Pass(Math.Max(pass, 0));
                    long cost = Math.Max(1, (long)(steps[i].Cost * rule.Capacity));
                    if (i % 3 == 0)
                    {
                        long charge = i % 2 == 0 ? cost : (long)Math.Min(Math.Exp(charges[i]), long.MaxValue / 2);
                        model.Charge(charge);
                        state = limit.Charge(state, charge, At(now));
                    }

                    QuotaStanding standing = limit.Standing(state, cost, At(now));
                    Assert.Equal(model.Remaining, standing.Remaining);
                    Assert.Equal(model.ResetTicks, standing.ResetAfter.Ticks);
                    Assert.Equal(model.RetryTicks(cost), standing.RetryAfter.Ticks);
                    bool taken = limit.TryTake(state, cost, At(now), out long newState);
                    Assert.Equal(model.TryTake(cost), taken);
                    state = taken ? newState : state;
                    Assert.True(state > 0);
                }
            },
            iter: 2_000);

    [Theory]
    [InlineData(1, 366 * 86_400_000L)]
    [InlineData(1, 1)]
    [InlineData(10_000, 1)]
    public void The_deepest_debt_after_seven_years_of_running_does_not_overflow(long permits, long milliseconds)
    {
        TokenBucketLimit limit = new(RuleGen.Rule(RateLimitAlgorithm.TokenBucket, permits, TimeSpan.FromMilliseconds(milliseconds), null));
        long now = Start + (7 * 365L * 86_400_000 * QuotaClock.UnitsPerMillisecond);
        long state = limit.Charge(limit.Fresh(At(now)), long.MaxValue, At(now));
        state = limit.Charge(state, long.MaxValue, At(now));
        Assert.False(limit.TryTake(state, 1, At(now), out _));
        Assert.False(limit.TryTake(state, permits, At(now), out _));
        Assert.False(limit.TryTake(state, long.MaxValue, At(now), out _));
        Assert.Equal(0, limit.Standing(state, 1, At(now)).Remaining);
        Assert.InRange(limit.Standing(state, 1, At(now)).RetryAfter, RateLimitRule.MaxWindow, 2 * RateLimitRule.MaxWindow);
    }

    [Fact]
    public void Permits_given_back_at_once_leave_no_trace() =>
        Gen.Select(RuleGen.TokenBucket, Gen.Double[0, 1], Gen.Double[0, 1]).Sample(
            (rule, before, share) =>
            {
                TokenBucketLimit limit = new(rule);
                Assert.True(limit.TryTake(limit.Fresh(At(Start)), Math.Max(1, (long)(before * rule.Capacity)), At(Start), out long state));
                long cost = Math.Max(1, (long)(share * limit.Standing(state, 1, At(Start)).Remaining));
                if (limit.TryTake(state, cost, At(Start), out long taken))
                {
                    Assert.Equal(state, limit.Refund(taken, taken, cost, At(Start)));
                }
            },
            iter: 2_000);

    [Fact]
    public void Permits_given_back_late_leave_a_key_no_better_off_than_if_they_had_never_been_taken() =>
        Gen.Select(RuleGen.TokenBucket, Gen.Double[0, 1], Gen.Double[0, 1], Steps, Gen.Double[0, 1]).Sample(
            (rule, before, share, steps, late) =>
            {
                TokenBucketLimit limit = new(rule);
                long now = Start;
                long untouched = limit.Fresh(At(now));
                Take(limit, ref untouched, (long)(before * rule.Capacity), now);
                now += (long)(late * rule.Window.Ticks * Tick);
                long state = untouched;
                long cost = Math.Max(1, (long)(share * rule.Capacity));
                if (!limit.TryTake(state, cost, At(now), out state))
                {
                    return;
                }

                long taken = state;
                foreach ((double wait, double other) in steps)
                {
                    // Only what both keys can give, so that they have been used alike.
                    now += (long)(wait * rule.Window.Ticks * Tick / 100);
                    long otherCost = (long)(other * rule.Capacity / 10);
                    if (limit.TryTake(state, otherCost, At(now), out long newState))
                    {
                        state = newState;
                        Take(limit, ref untouched, otherCost, now);
                    }
                }

                long refunded = limit.Refund(state, taken, cost, At(now));
                Assert.InRange(Math.Max(refunded, now), Math.Max(untouched, now), Math.Max(state, now));
            },
            iter: 5_000);

    [Fact]
    public void One_permit_in_366_days_is_given_once_in_366_days()
    {
        TokenBucketLimit limit = new(RuleGen.Rule(RateLimitAlgorithm.TokenBucket, 1, RateLimitRule.MaxWindow, null));
        Assert.True(limit.TryTake(limit.Fresh(At(Start)), 1, At(Start), out long state));
        QuotaStanding standing = limit.Standing(state, 1, At(Start));
        Assert.Equal(new QuotaStanding(0, RateLimitRule.MaxWindow, RateLimitRule.MaxWindow), standing);
        long end = Start + (RateLimitRule.MaxWindow.Ticks * Tick);
        Assert.False(limit.TryTake(state, 1, At(end - 1), out _));
        Assert.True(limit.TryTake(state, 1, At(end), out _));
    }

    [Fact]
    public void Ten_million_permits_a_second_are_given_one_each_100_ns()
    {
        TokenBucketLimit limit = new(RuleGen.Rule(RateLimitAlgorithm.TokenBucket, 10_000, RateLimitRule.MinWindow, 1));
        long now = Start;
        long state = limit.Fresh(At(now));
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(limit.TryTake(state, 1, At(now), out state));
            Assert.False(limit.TryTake(state, 1, At(now + Tick - 1), out _));
            now += Tick;
        }
    }

    [Fact]
    public void A_limit_of_0_gives_nothing_ever_and_tells_to_come_back_after_a_window()
    {
        Limit limit = Limit.For(RuleGen.Rule(RateLimitAlgorithm.TokenBucket, 0, TimeSpan.FromMinutes(1), 5));
        Assert.False(limit.TryTake(limit.Fresh(At(Start)), 1, At(Start), out _));
        Assert.Equal(
            new QuotaStanding(0, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)),
            limit.Standing(limit.Fresh(At(Start)), 1, At(Start)));
        Assert.Equal(1, limit.Used(limit.Fresh(At(Start)), At(Start)));
    }

    [Theory]
    [InlineData(1, 366 * 86_400_000L)]
    [InlineData(10_000, 1)]
    [InlineData(3, 1)]
    [InlineData(316_224_000_000_000, 366 * 86_400_000L)]
    public void The_largest_burst_after_seven_years_of_running_does_not_overflow(long permits, long milliseconds)
    {
        TimeSpan window = TimeSpan.FromMilliseconds(milliseconds);
        long burst = TokenBucketLimit.MaxBurst(permits, window);
        RateLimitRule rule = RuleGen.Rule(RateLimitAlgorithm.TokenBucket, permits, window, burst);
        TokenBucketLimit limit = new(rule);
        long now = Start + (7 * 365L * 86_400_000 * QuotaClock.UnitsPerMillisecond);
        Assert.True(limit.TryTake(limit.Fresh(At(now)), burst, At(now), out long state));
        Assert.True(state > now);
        Assert.False(limit.TryTake(state, burst, At(now), out _));
        Assert.False(limit.TryTake(state, long.MaxValue, At(now), out _));
        QuotaStanding standing = limit.Standing(state, long.MaxValue, At(now));
        Assert.Equal(0, standing.Remaining);
        Assert.InRange(standing.RetryAfter, RateLimitRule.MaxWindow * 0.6, RateLimitRule.MaxWindow);
    }

    [Fact]
    public void The_share_in_use_goes_from_0_to_1()
    {
        TokenBucketLimit limit = new(RuleGen.Rule(RateLimitAlgorithm.TokenBucket, 4, TimeSpan.FromSeconds(1), null));
        long state = limit.Fresh(At(Start));
        for (int used = 0; used <= 4; used++)
        {
            Assert.Equal(used / 4.0, limit.Used(state, At(Start)));
            limit.TryTake(state, 1, At(Start), out state);
        }

        Assert.Equal(1, limit.Used(limit.Exhausted(At(Start)), At(Start)));
    }

    private static void Take(TokenBucketLimit limit, ref long state, long cost, long now) =>
        state = limit.TryTake(state, cost, At(now), out long newState) ? newState : state;

    private static QuotaInstant At(long units) => new(units, 0, 0);
}

using System.Numerics;
using CsCheck;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

public class SlidingWindowLimitTests
{
    private const long Day = 86_400_000;
    private const long Base = 20_000 * Day;
    private const long Start = Day + 12_345_678;

    private enum Act
    {
        Take,
        Charge,
        Refund,
    }

    /// <summary>Shares of a window by which the wall clock moves, sometimes back, and shares of the limit to take, charge or give back.</summary>
    private static readonly Gen<(double Move, double Cost, Act Act)[]> Steps =
        Gen.Select(
            Gen.OneOf(Gen.Const(0.0), Gen.Double[-0.3, 0.5], Gen.Double[0, 2]),
            Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.3], Gen.Double[0, 1]),
            Gen.OneOfConst(Act.Take, Act.Take, Act.Take, Act.Take, Act.Charge, Act.Refund)).Array[1, 60];

    [Fact]
    public void It_admits_exactly_what_two_aligned_windows_tell_whatever_is_charged_given_back_or_done_to_the_clock() =>
        Gen.Select(RuleGen.SlidingWindow, Steps).Sample(
            (rule, steps) =>
            {
                SlidingWindowLimit limit = new(rule);
                SlidingWindowModel model = new(rule, WindowLayout.For(rule.Window).MaxCount);
                long window = (long)rule.Window.TotalMilliseconds;
                long now = Start;
                KeyState state = limit.Fresh(default, At(now));
                model.Charge(0, new BigInteger(Base) + now);
                (long Cost, long Word, BigInteger Window) taken = default;
                foreach ((double move, double share, Act act) in steps)
                {
                    now = Math.Clamp(now + (long)(move * window), 1, 14 * 365 * Day);
                    BigInteger unix = new BigInteger(Base) + now;
                    long cost = Math.Max(1, (long)(share * rule.Limit));

                    QuotaStanding standing = limit.Standing(state, cost, At(now));
                    Assert.Equal(model.Remaining(unix), standing.Remaining);
                    Assert.Equal(model.ResetAfter(unix), (BigInteger)standing.ResetAfter.TotalMilliseconds);
                    Assert.Equal(standing.Remaining >= cost, standing.RetryAfter == TimeSpan.Zero);

                    if (act == Act.Take)
                    {
                        BigInteger windowOfTaking = model.WindowOf(unix);
                        bool isTaken = limit.TryTake(state, cost, At(now), out long word);
                        Assert.Equal(model.TryTake(cost, unix), isTaken);
                        if (isTaken)
                        {
                            taken = (cost, word, windowOfTaking);
                            state = Set(state, word);
                        }
                    }
                    else if (act == Act.Charge)
                    {
                        model.Charge(3 * cost, unix);
                        state = Set(state, limit.Charge(state, 3 * cost, At(now)));
                    }
                    else if (taken.Cost > 0)
                    {
                        model.Refund(taken.Cost, taken.Window);
                        state = Set(state, limit.Refund(state, taken.Word, taken.Cost, At(now)));
                        taken = default;
                    }

                    Assert.False(state.IsFrozen);
                }

                KeyState Set(in KeyState from, long word) => SetInTable(limit.Kind, from, word);
            },
            iter: 2_000);

    [Fact]
    public void No_aligned_window_sees_more_than_the_limit_and_no_other_of_that_length_twice_the_limit() =>
        Gen.Select(RuleGen.SlidingWindow, Steps).Sample(
            (rule, steps) =>
            {
                SlidingWindowLimit limit = new(rule);
                long window = (long)rule.Window.TotalMilliseconds;
                long now = Start;
                KeyState state = limit.Fresh(default, At(now));
                List<(long At, BigInteger Cost)> admitted = [];
                foreach ((double move, double share, _) in steps)
                {
                    now = Math.Min(now + (long)(Math.Abs(move) * window / 2), 14 * 365 * Day);

                    // As much as can be had, in a large piece and the rest.
                    foreach (long cost in new[] { Math.Max(1, (long)(share * rule.Limit)), limit.Standing(state, 1, At(now)).Remaining })
                    {
                        if (cost > 0 && limit.TryTake(state, cost, At(now), out long word))
                        {
                            state = SetInTable(limit.Kind, state, word);
                            admitted.Add((now, cost));
                            Assert.True(limit.Standing(state, 1, At(now)).Remaining >= 0);
                            Assert.True(limit.Used(state, At(now)) <= 1);
                        }
                    }
                }

                foreach ((long at, _) in admitted)
                {
                    BigInteger aligned = Sum(a => (Base + a) / window == (Base + at) / window);
                    BigInteger any = Sum(a => a >= at && a < at + window);
                    Assert.True(aligned <= rule.Limit, $"{aligned} in an aligned window");
                    Assert.True(any < 2 * new BigInteger(rule.Limit), $"{any} in a window");
                }

                BigInteger Sum(Predicate<long> within) => admitted.Where(a => within(a.At)).Aggregate(BigInteger.Zero, (sum, a) => sum + a.Cost);
            },
            iter: 2_000);

    [Fact]
    public void A_retry_after_the_time_told_succeeds_and_one_a_millisecond_earlier_fails() =>
        Gen.Select(RuleGen.SlidingWindow, Gen.Double[0, 3], Gen.Double[0, 3], Gen.Double[0, 2], Gen.Double[0, 1]).Sample(
            (rule, before, current, when, asked) =>
            {
                SlidingWindowLimit limit = new(rule);
                long window = (long)rule.Window.TotalMilliseconds;
                long now = Start;
                KeyState state = limit.Fresh(default, At(now));
                state = SetInTable(limit.Kind, state, limit.Charge(state, (long)(before * rule.Limit), At(now)));
                now += window;
                state = SetInTable(limit.Kind, state, limit.Charge(state, (long)(current * rule.Limit), At(now)));
                now += (long)(when * window);
                long cost = Math.Max(1, (long)(asked * rule.Limit));
                long retryAfter = (long)limit.Standing(state, cost, At(now)).RetryAfter.TotalMilliseconds;
                Assert.InRange(retryAfter, 0, 2 * window);
                Assert.Equal(retryAfter == 0, limit.TryTake(state, cost, At(now), out _));
                Assert.True(limit.TryTake(state, cost, At(now + retryAfter), out _));
                if (retryAfter > 0)
                {
                    Assert.False(limit.TryTake(state, cost, At(now + retryAfter - 1), out _));
                }
            },
            iter: 5_000);

    [Fact]
    public void After_the_reset_time_the_whole_limit_is_there_and_not_a_millisecond_earlier() =>
        Gen.Select(RuleGen.SlidingWindow, Gen.Double[0, 1], Gen.Double[0, 1]).Sample(
            (rule, used, when) =>
            {
                SlidingWindowLimit limit = new(rule);
                Assert.True(limit.TryTake(limit.Fresh(default, At(Start)), Math.Max(1, (long)(used * rule.Limit)), At(Start), out long word));
                KeyState state = SetInTable(limit.Kind, limit.Fresh(default, At(Start)), word);
                long now = Start + (long)(when * rule.Window.TotalMilliseconds);
                long reset = (long)limit.Standing(state, 1, At(now)).ResetAfter.TotalMilliseconds;
                Assert.Equal(rule.Limit, limit.Standing(state, 1, At(now + reset)).Remaining);
                Assert.InRange(limit.Standing(state, 1, At(now + reset - 1)).Remaining, 0, rule.Limit - 1);
                Assert.False(Limit.IsIdle(limit.Kind, state.Word, At(now + reset - 1)));
                Assert.True(Limit.IsIdle(limit.Kind, state.Word, At(now + reset)));
            },
            iter: 5_000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_window_that_a_thread_was_held_up_in_replacing_is_replaced_by_any_other(bool isCopied) =>
        Gen.Select(RuleGen.SlidingWindow, Gen.Double[0, 1], Gen.Double[0, 1], Gen.Double[-0.5, 2.5]).Sample(
            (rule, before, current, when) =>
            {
                SlidingWindowLimit limit = new(rule);
                long window = (long)rule.Window.TotalMilliseconds;
                long start = Start - ((Base + Start) % window);
                KeyState whole = limit.Fresh(default, At(start));
                whole = SetInTable(limit.Kind, whole, limit.Charge(whole, (long)(before * rule.Limit), At(start)));
                whole = SetInTable(limit.Kind, whole, limit.Charge(whole, (long)(current * rule.Limit), At(start + window)));
                long end = start + (2 * window);
                long now = end + (long)(when * window);

                // As another thread left it: frozen, and the window before copied or not.
                KeyState frozen = new(whole.Word | KeyState.FrozenMark, isCopied ? whole.Word : whole.Previous);
                Assert.True(frozen.IsFrozen);

                // Where this thread's clock is behind the other's, the window has ended nevertheless.
                QuotaInstant seen = At(Math.Max(now, end));
                Assert.Equal(limit.Standing(whole, 1, seen).Remaining, limit.Standing(frozen, 1, seen).Remaining);
                long cost = Math.Max(1, limit.Standing(frozen, 1, At(now)).Remaining);
                Assert.Equal(frozen.Word, limit.Refund(frozen, whole.Word, cost, At(now)));
                bool isTaken = limit.TryTake(frozen, cost, At(now), out long word);
                KeyState after = SetInTable(limit.Kind, frozen, isTaken ? word : limit.Charge(frozen, cost, At(now)));
                Assert.False(after.IsFrozen);
                Assert.Equal(whole.Word, after.Previous);
                WindowLayout layout = WindowLayout.Of(limit.Kind);
                Assert.Equal(cost, layout.Count(after.Word));
                Assert.Equal(seen.WallMilliseconds - ((Base + seen.WallMilliseconds) % window) + (2 * window), layout.EndMilliseconds(after.Word));
            },
            iter: 2_000);

    [Fact]
    public void The_largest_limits_and_charges_do_not_spill_into_the_window() =>
        Gen.OneOfConst(1L, 1_000, 60_000, 3_600_000, Day, 366 * Day).Sample(
            window =>
            {
                TimeSpan length = TimeSpan.FromMilliseconds(window);
                long most = Math.Min(WindowLayout.For(length).MaxCount / 2, 10_000 * window);
                SlidingWindowLimit limit = new(RuleGen.Rule(RateLimitAlgorithm.SlidingWindow, most, length, null));
                long far = 14 * 365 * Day;
                KeyState state = limit.Fresh(default, At(far));
                Assert.True(limit.TryTake(state, most, At(far), out long word));
                state = SetInTable(limit.Kind, state, word);
                Assert.Equal(0, limit.Standing(state, 1, At(far)).Remaining);
                Assert.False(limit.TryTake(state, long.MaxValue, At(far), out _));
                TimeSpan reset = limit.Standing(state, 1, At(far)).ResetAfter;
                state = SetInTable(limit.Kind, state, limit.Charge(state, long.MaxValue, At(far)));
                state = SetInTable(limit.Kind, state, limit.Charge(state, long.MaxValue, At(far)));
                Assert.False(state.IsFrozen);
                Assert.Equal(reset, limit.Standing(state, 1, At(far)).ResetAfter);
                Assert.Equal(most, limit.Standing(state, 1, At(far + (long)reset.TotalMilliseconds)).Remaining);
                Assert.Equal(0, limit.Standing(limit.Exhausted(default, At(far)), 1, At(far)).Remaining);
            });

    /// <summary>What the table makes of a state that is set.</summary>
    private static KeyState SetInTable(SlotKind kind, in KeyState from, long word)
    {
        QuotaTable table = new(1);
        KeyHash key = new KeyHash(0x100, 0).With(kind);
        int slot = table.FindOrAdd(key, from, At(1));
        Assert.True(table.TrySet(slot, from, word, kind));
        Assert.True(table.TryRead(slot, key, out KeyState state));
        Assert.Equal(word, state.Word);
        return state;
    }

    private static QuotaInstant At(long wallMilliseconds) => new(1L << 40, wallMilliseconds, Base);
}

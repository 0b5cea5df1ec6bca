using CsCheck;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;
using MeliProxy.RateLimiting.Tests.Algorithms;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

public class StricterStateTests
{
    private const long Limit = 1_000;
    private const long Window = 60_000;
    private const long Now = 1_000_000_000;

    /// <summary>States of this window, of ones before, and, as after the clock was set back, of ones to come.</summary>
    private static readonly Gen<(KeyState State, int Windows)> State =
        Gen.Select(Gen.Int[-1, 4], Gen.Int[1, 3], Gen.Int[0, (int)Limit], Gen.Int[0, (int)Limit])
            .Select((ahead, gap, count, previous) =>
            {
                long end = ((Now / Window) + 1 + ahead) * Window;
                return (new KeyState(Layout.Pack(end, count), Layout.Pack(end - (gap * Window), previous)), ahead);
            });

    private static WindowLayout Layout => WindowLayout.Of(SlotKind.WindowOfMinutes);

    [Fact]
    public void A_bucket_is_full_when_the_later_of_both_is() =>
        Gen.Select(Gen.Long[3, long.MaxValue], Gen.Long[3, long.MaxValue]).Sample((a, b) =>
            Assert.Equal(Math.Max(a, b), StricterState.Of(SlotKind.TokenBucket, new KeyState(a, 0), new KeyState(b, 0), At(Now)).Word));

    [Theory]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    public void At_no_moment_has_a_key_more_left_than_under_either_state(RateLimitAlgorithm algorithm)
    {
        RateLimitRule rule = RuleGen.Rule(algorithm, Limit, TimeSpan.FromMilliseconds(Window), null);
        Limit limit = RateLimiting.Algorithms.Limit.For(rule);
        Gen.Select(State, State, Gen.Int[0, 5 * (int)Window].Array[1, 10]).Sample(
            (held, other, waits) =>
            {
                QuotaInstant now = At(Now);
                if (RateLimiting.Algorithms.Limit.IsIdle(limit.Kind, other.State.Word, now))
                {
                    return;
                }

                KeyState merged = StricterState.Of(limit.Kind, held.State, other.State, now);
                Assert.True(Layout.EndMilliseconds(merged.Previous) < Layout.EndMilliseconds(merged.Word));
                foreach (int wait in waits)
                {
                    QuotaInstant later = At(Now + wait);
                    long least = Math.Min(limit.Standing(held.State, 1, later).Remaining, limit.Standing(other.State, 1, later).Remaining);
                    Assert.InRange(limit.Standing(merged, 1, later).Remaining, 0, least);
                }
            },
            iter: 20_000);
    }

    private static QuotaInstant At(long milliseconds) => new(milliseconds * QuotaClock.UnitsPerMillisecond, milliseconds, 0);
}

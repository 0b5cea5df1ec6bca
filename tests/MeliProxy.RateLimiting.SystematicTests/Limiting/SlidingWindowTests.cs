using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.SystematicTests.Scheduling;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.SystematicTests.Limiting;

/// <summary>Windows of a second that end while decisions are being made.</summary>
public class SlidingWindowTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(3)]
    [InlineData(100)]
    public void When_a_window_ends_the_limit_holds_exactly_and_nothing_is_lost_or_counted_twice(int limit) =>
        Explorer.Exhaust(2, () => RollsOver(limit));

    [Fact]
    public void When_two_windows_end_in_a_row_each_is_counted_as_the_one_before_the_next() => Explorer.Exhaust(2, RollsOverTwice);

    [Fact]
    public void A_strand_that_stands_in_the_middle_of_replacing_a_window_does_not_touch_the_next_key_in_the_slot() =>
        Explorer.Exhaust(2, () => ReusesSlot(TimeSpan.FromMilliseconds(1_003)));

    [Fact]
    public void Nor_does_it_where_windows_of_the_next_key_are_kept_in_another_unit() =>
        Explorer.Exhaust(2, () => ReusesSlot(TimeSpan.FromMinutes(1)));

    /// <summary>At the very moment at which a window begins, the one before counts whole.</summary>
    internal static Scenario RollsOver(int limit)
    {
        Subject subject = new(2, KeyCapBehavior.Reject, Subject.Rule("r", RateLimitAlgorithm.SlidingWindow, limit));
        KeyHash key = subject.Key(0, 1);
        subject.Decide(key);
        return new Scenario(
            subject.Table,
            [
                () => { subject.Decide(key); subject.Decide(key); },
                () => subject.Decide(key),
                () => { subject.Time.Set(Window); subject.Decide(key); },
            ],
            () =>
            {
                int allowed = subject.Allowed(key);
                KeyState state = subject.State(0, key);
                WindowLayout layout = WindowLayout.Of(key.Kind);
                Assert.Equal(Math.Min(limit, 5), allowed);
                Assert.False(state.IsFrozen);
                Assert.Equal(allowed, layout.Count(state.Word) + layout.Count(state.Previous));
                Assert.Equal(limit - allowed, subject.Remaining(0, key));
                subject.CheckRests(key, limit);
                subject.CheckTable();
            });
    }

    internal static Scenario RollsOverTwice()
    {
        Subject subject = new(2, KeyCapBehavior.Reject, Subject.Rule("r", RateLimitAlgorithm.SlidingWindow, 100));
        KeyHash key = subject.Key(0, 1);
        subject.Decide(key);
        long end = WindowLayout.Of(key.Kind).EndMilliseconds(subject.State(0, key).Word);
        return new Scenario(
            subject.Table,
            [
                () => subject.Decide(key),
                () => { subject.Time.Set(Window); subject.Decide(key); subject.Time.Set(2 * Window); subject.Decide(key); },
                () => subject.Decide(key),
            ],
            () =>
            {
                // Of the decisions in the middle of which time passed, it is not known in which window they were counted.
                KeyState state = subject.State(0, key);
                WindowLayout layout = WindowLayout.Of(key.Kind);
                int Least(int window) => subject.Records.Count(r => r.Begun == window * Window && r.Ended == r.Begun);
                int Most(int window) => subject.Records.Count(r => r.Begun <= window * Window && r.Ended >= window * Window);
                Assert.Equal(5, subject.Allowed(key));
                Assert.Equal((end + 2_000, end + 1_000), (layout.EndMilliseconds(state.Word), layout.EndMilliseconds(state.Previous)));
                Assert.InRange(layout.Count(state.Word), Least(2), Most(2));
                Assert.InRange(layout.Count(state.Previous), Least(1), Most(1));
                Assert.InRange(layout.Count(state.Word) + layout.Count(state.Previous), 5 - Most(0), 5 - Least(0));
                subject.CheckTable();
            });
    }

    /// <summary>A key's window is being replaced when another key takes its slot, for which it has become idle meanwhile.</summary>
    internal static Scenario ReusesSlot(TimeSpan otherWindow)
    {
        Subject subject = new(
            1,
            KeyCapBehavior.Reject,
            Subject.Rule("r", RateLimitAlgorithm.SlidingWindow, 10) with { Window = TimeSpan.FromMilliseconds(1_001) },
            Subject.Rule("other", RateLimitAlgorithm.SlidingWindow, 10) with { Window = otherWindow });
        KeyHash key = subject.Key(0, 1);
        KeyHash other = subject.Key(1, 2);
        subject.DecideBy(0, key);
        subject.Time.Set(TimeSpan.FromMilliseconds(1_100));
        return new Scenario(
            subject.Table,
            [
                () => subject.DecideBy(0, key),
                () => { subject.Time.Set(TimeSpan.FromSeconds(30)); subject.DecideBy(1, other); },
            ],
            () =>
            {
                subject.CheckTable();
                if (subject.Table.Find(other, out KeyState state) >= 0)
                {
                    WindowLayout layout = WindowLayout.Of(other.Kind);
                    Assert.Equal((subject.Allowed(other), 0), (layout.Count(state.Word), layout.Count(state.Previous)));
                    Assert.Equal(10 - subject.Allowed(other), subject.Remaining(1, other));
                }
            });
    }
}

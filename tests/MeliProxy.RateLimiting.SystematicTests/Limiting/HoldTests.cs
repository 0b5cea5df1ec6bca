using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.SystematicTests.Scheduling;

namespace MeliProxy.RateLimiting.SystematicTests.Limiting;

/// <summary>Permits of a concurrency limit, which are held until a decision is disposed of.</summary>
public class HoldTests
{
    [Fact]
    public void A_decision_disposed_of_by_two_strands_is_released_once_though_its_hold_is_used_again() => Explorer.Exhaust(3, SettlesTwice);

    [Fact]
    public void Holds_and_releases_of_two_keys_that_want_one_slot_leave_nothing_held() => Explorer.Exhaust(2, ChangesHands);

    /// <summary>The third strand's decision may use the same hold, and what it holds must stay.</summary>
    internal static Scenario SettlesTwice()
    {
        Subject subject = new(2, KeyCapBehavior.Reject, Subject.Rule("r", RateLimitAlgorithm.Concurrency, 5));
        KeyHash key = subject.Key(0, 1);
        QuotaDecision kept = subject.Decide(key);
        QuotaDecision disposed = subject.Decide(key);
        Assert.True(kept.IsAllowed);
        return new Scenario(
            subject.Table,
            [disposed.Dispose, disposed.Dispose, () => subject.Decide(key)],
            () =>
            {
                Assert.Equal(3, subject.Remaining(0, key));
                disposed.Dispose();
                Assert.Equal(3, subject.Remaining(0, key));
                kept.Dispose();
                Assert.Equal(4, subject.Remaining(0, key));
                subject.CheckTable();
            });
    }

    internal static Scenario ChangesHands()
    {
        Subject subject = new(1, KeyCapBehavior.Reject, Subject.Rule("r", RateLimitAlgorithm.Concurrency, 1));
        KeyHash a = subject.Key(0, 1);
        KeyHash b = subject.Key(0, 2);
        int held = 0;
        void HoldAndRelease(KeyHash key)
        {
            QuotaDecision decision = subject.Decide(key);
            if (decision.IsAllowed)
            {
                // There is room for one key, and that has one permit.
                Assert.Equal(1, Interlocked.Increment(ref held));
                Interlocked.Decrement(ref held);
                decision.Dispose();
            }
        }

        return new Scenario(
            subject.Table,
            [() => HoldAndRelease(a), () => HoldAndRelease(b), () => HoldAndRelease(a)],
            () =>
            {
                Assert.Equal((1, 1), (subject.Remaining(0, a), subject.Remaining(0, b)));
                subject.CheckTable();
            });
    }
}

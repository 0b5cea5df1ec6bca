using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.SystematicTests.Limiting;
using MeliProxy.RateLimiting.SystematicTests.Scheduling;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.SystematicTests;

/// <summary>What the other tests say means something only if a broken product fails them.</summary>
public class ExplorerTests
{
    private static readonly Dictionary<string, (Func<Scenario> Scenario, Fault Fault)> Broken = new()
    {
        ["a key's state is set without comparing"] =
            (() => OneKeyTests.Takes(RateLimitAlgorithm.TokenBucket, isKnown: true, strands: 2, each: 2, limit: 3), new(FaultKind.AlwaysSucceeds, ".State")),
        ["a key's state is compared first and set later"] =
            (() => OneKeyTests.Takes(RateLimitAlgorithm.FixedWindow, isKnown: true, strands: 2, each: 2, limit: 3), new(FaultKind.NotAtomic, ".State")),
        ["keys are added without a lock"] = (ScarceRoomTests.AddsTogether, new(FaultKind.AlwaysSucceeds, "homeLock")),
        ["two strands can have the lock"] = (ScarceRoomTests.AddsTogether, new(FaultKind.NotAtomic, "homeLock")),
        ["a slot is not marked while it changes hands"] = (ScarceRoomTests.AddsTogether, new(FaultKind.NotWritten, ".State", Slot.Busy)),
        ["keys are miscounted"] = (ScarceRoomTests.AddsTogether, new(FaultKind.NotAtomic, "_keys")),
        ["a key may be evicted though it has just been used"] =
            (() => ScarceRoomTests.Evicts(RateLimitAlgorithm.FixedWindow, maxKeys: 1), new(FaultKind.AlwaysSucceeds, ".State", Slot.Busy)),
        ["a window is replaced without comparing"] = (() => SlidingWindowTests.RollsOver(100), new(FaultKind.AlwaysSucceeds, ".State")),
        ["a window that ends is not kept"] = (() => SlidingWindowTests.RollsOver(100), new(FaultKind.NotWritten, ".Previous")),
        ["a strand held up copies an old window"] = (SlidingWindowTests.RollsOverTwice, new(FaultKind.AlwaysSucceeds, ".Previous")),
        ["a stalled strand touches the next key's window"] =
            (() => SlidingWindowTests.ReusesSlot(TimeSpan.FromMilliseconds(1_003)), new(FaultKind.AlwaysSucceeds, ".Previous")),
        ["what is given back overwrites what others take"] =
            (() => TwoRulesTests.AllOrNothing(RateLimitAlgorithm.Concurrency), new(FaultKind.NotAtomic, ".State")),
        ["a hold is settled twice"] = (HoldTests.SettlesTwice, new(FaultKind.AlwaysSucceeds, "_version")),
        ["two strands settle a hold"] = (HoldTests.SettlesTwice, new(FaultKind.NotAtomic, "_version")),
        ["the slot of a key in use is taken"] = (HoldTests.ChangesHands, new(FaultKind.NotAtomic, ".State", Slot.Busy)),
        ["the last place is given out twice"] = (ScarceRoomTests.Overflows, new(FaultKind.AlwaysSucceeds, ".State")),
    };

    public static TheoryData<string> Faults => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public void Exploration_notices_that(string fault)
    {
        (Func<Scenario> scenario, Fault broken) = Broken[fault];
        Assert.Throws<InterleavingException>(() => Explorer.Exhaust(2, scenario, broken));
    }

    [Fact]
    public void Random_schedules_notice_a_fault_too() => Assert.Throws<InterleavingException>(() => Explorer.Sample(
        500, 5, () => ScarceRoomTests.ComeAndGo(RateLimitAlgorithm.TokenBucket), new Fault(FaultKind.NotAtomic, ".State")));

    [Fact]
    public void A_schedule_that_fails_fails_the_same_way_when_it_is_replayed()
    {
        (Func<Scenario> scenario, Fault fault) = Broken["a key's state is compared first and set later"];
        InterleavingException failure = Assert.Throws<InterleavingException>(() => Explorer.Exhaust(2, scenario, fault));
        InterleavingException again = Assert.Throws<InterleavingException>(() => Explorer.Replay(failure.Schedule, scenario, fault));
        Assert.Equal(failure.Message, again.Message);
        Explorer.Replay(failure.Schedule, scenario);
    }

    [Fact]
    public void All_schedules_of_two_strands_with_two_steps_each_are_run()
    {
        // AB in one strand and ab in the other can be merged in six ways.
        HashSet<string> orders = [];
        int executions = Explorer.Exhaust(4, () =>
        {
            string order = "";
            int shared = 0;
            void Do(string step)
            {
                Volatile.Write(ref shared, 0);
                order += step;
            }

            return new Scenario(new QuotaTable(1), [() => { Do("A"); Do("B"); }, () => { Do("a"); Do("b"); }], () => orders.Add(order));
        });
        Assert.Equal(["ABab", "AaBb", "AabB", "aABb", "aAbB", "abAB"], orders.Order(StringComparer.Ordinal));
        Assert.InRange(executions, 6, 20);
    }

    [Fact]
    public void Strands_that_wait_for_each_other_are_a_failure() => Assert.Contains(
        "wait",
        Assert.Throws<InterleavingException>(() => Explorer.Exhaust(1, () =>
        {
            int one = 0;
            int two = 0;
            void TakeBoth(ref int first, ref int second)
            {
                SpinUntilTaken(ref first);
                SpinUntilTaken(ref second);
                Volatile.Write(ref second, 0);
                Volatile.Write(ref first, 0);
            }

            return new Scenario(new QuotaTable(1), [() => TakeBoth(ref one, ref two), () => TakeBoth(ref two, ref one)], () => { });
        })).InnerException!.Message,
        StringComparison.Ordinal);

    private static void SpinUntilTaken(ref int taken)
    {
        SpinWait spin = default;
        while (Interlocked.CompareExchange(ref taken, 1, 0) != 0)
        {
            spin.SpinOnce(-1);
        }
    }
}

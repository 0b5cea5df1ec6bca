using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.SystematicTests.Scheduling;

namespace MeliProxy.RateLimiting.SystematicTests.Limiting;

/// <summary>Keys that look for room in the same slots, while there is room for few or time passes.</summary>
public class ScarceRoomTests
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(2);

    [Fact]
    public void Keys_added_together_in_one_neighbourhood_all_get_one_slot_and_keep_their_counts() => Explorer.Exhaust(2, AddsTogether);

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    public void A_key_that_becomes_idle_while_it_is_taken_from_and_evicted_is_never_given_too_much(RateLimitAlgorithm algorithm) =>
        Explorer.Exhaust(2, () => Evicts(algorithm, maxKeys: 1));

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    public void A_key_that_becomes_idle_where_there_is_room_for_two_is_never_given_too_much(RateLimitAlgorithm algorithm) =>
        Explorer.Exhaust(2, () => Evicts(algorithm, maxKeys: 2));

    [Fact]
    public void At_the_cap_keys_that_find_no_room_share_one_limit() => Explorer.Exhaust(2, Overflows);

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    public void Many_keys_that_come_and_go_under_random_schedules_are_never_given_too_much(RateLimitAlgorithm algorithm) =>
        Explorer.Sample(3_000, 5, () => ComeAndGo(algorithm));

    /// <summary>A twice and B once with the same home, and C that has the slot after it as its home.</summary>
    internal static Scenario AddsTogether()
    {
        Subject subject = new(8, KeyCapBehavior.Reject, Subject.Rule("r", RateLimitAlgorithm.TokenBucket, 10));
        KeyHash a = subject.Key(0, 1);
        KeyHash b = subject.Key(0, 2);
        KeyHash c = subject.Key(0, 3, home: 1);
        return new Scenario(
            subject.Table,
            [() => subject.Decide(a), () => subject.Decide(b), () => { subject.Decide(c); subject.Decide(a); }],
            () =>
            {
                Assert.Equal((8, 9, 9), (subject.Remaining(0, a), subject.Remaining(0, b), subject.Remaining(0, c)));
                Assert.Equal((3, 0, 0), (subject.Table.Keys, subject.Table.Evicted, subject.Table.Refused));
                subject.CheckTable();
            });
    }

    /// <summary>A key that has used its quota is idle after a while, when others want its place and it is wanted itself.</summary>
    internal static Scenario Evicts(RateLimitAlgorithm algorithm, int maxKeys)
    {
        Subject subject = new(maxKeys, KeyCapBehavior.Reject, Subject.Rule("r", algorithm, 1));
        KeyHash a = subject.Key(0, 1);
        KeyHash b = subject.Key(0, 2);
        subject.Decide(a);
        return new Scenario(
            subject.Table,
            [
                () => subject.Decide(a),
                () => { subject.Decide(b); subject.Decide(a); },
                () => { subject.Time.Set(Later); subject.Decide(b); },
            ],
            () => CheckLimits(subject, 1, [a, b]));
    }

    /// <summary>Strands that take from four keys with room for two, while time passes twice.</summary>
    internal static Scenario ComeAndGo(RateLimitAlgorithm algorithm)
    {
        Subject subject = new(2, KeyCapBehavior.Reject, Subject.Rule("r", algorithm, 2));
        KeyHash[] keys = [.. Enumerable.Range(0, 4).Select(i => subject.Key(0, i, home: i % 2))];
        return new Scenario(
            subject.Table,
            [
                .. Enumerable.Range(0, 4).Select(strand => (Action)(() =>
                {
                    for (int i = 0; i < 6; i++)
                    {
                        subject.Decide(keys[(strand + (i * i)) % keys.Length]);
                    }
                })),
                () => { subject.Time.Set(Later); subject.Decide(keys[0]); subject.Time.Set(2 * Later); subject.Decide(keys[3]); },
            ],
            () => CheckLimits(subject, 2, keys));
    }

    internal static Scenario Overflows()
    {
        Subject subject = new(1, KeyCapBehavior.Overflow, Subject.Rule("r", RateLimitAlgorithm.TokenBucket, 2));
        KeyHash[] keys = [.. Enumerable.Range(0, 4).Select(i => subject.Key(0, i))];
        subject.Decide(keys[0]);
        return new Scenario(
            subject.Table,
            [() => subject.Decide(keys[1]), () => { subject.Decide(keys[2]); subject.Decide(keys[3]); }],
            () =>
            {
                Assert.Equal(2, keys[1..].Sum(subject.Allowed));
                Assert.Equal((1L, 0L), (subject.Remaining(0, keys[0]), subject.Remaining(0, subject.OverflowKey(0))));
                Assert.Equal(2, subject.Table.Keys);
                subject.CheckTable();
            });
    }

    /// <summary>
    /// Between two moments at which time passes, a key gets no more than its limit. A decision in the middle of which time passes is not
    /// counted: it goes by the clock that it read.
    /// </summary>
    private static void CheckLimits(Subject subject, int limit, KeyHash[] keys)
    {
        subject.CheckTable();
        foreach (KeyHash key in keys)
        {
            IEnumerable<Subject.Record> allowed = subject.Records.Where(r => r.IsAllowed && r.Begun == r.Ended && r.Keys.Contains(key));
            Assert.All(allowed.GroupBy(r => r.Begun), moment => Assert.InRange(moment.Count(), 1, limit));
            int now = allowed.Count(r => r.Begun == subject.Time.Elapsed);
            Assert.InRange(subject.Remaining(0, key), limit - subject.Records.Count(r => r.IsAllowed && r.Keys.Contains(key)), limit - now);
        }
    }
}

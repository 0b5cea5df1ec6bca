using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.SystematicTests.Limiting;

/// <summary>The decision engine and its table, with keys whose place in the table the test chooses, and an account of all decisions.</summary>
internal sealed class Subject
{
    /// <summary>The least that a table has; the cap is far below where a scenario has few keys.</summary>
    private const int Homes = 64;

    private readonly BoundRule[] _rules;
    private readonly DecisionEngine _engine;
    private readonly List<Record> _records = [];

    public Subject(int maxKeys, KeyCapBehavior atCap, params RateLimitRule[] rules)
    {
        Table = new QuotaTable(maxKeys);
        _engine = new DecisionEngine(Table, new QuotaClock(Time), atCap, maxQueued: 0);
        RuleSources<string> none = new(Match: null, Key: [], Allow: null, Deny: null);
        _rules =
        [
            .. rules.Select(rule => new BoundRule<string>(
                rule, RuleMode.Enforce, [], new KeyHasher(1, 2), _engine.Counts.RowOf(rule.Name), leases: null, none)),
        ];
    }

    public QuotaTable Table { get; }

    public StepClock Time { get; } = new();

    /// <summary>What was decided so far, in the order in which it was.</summary>
    public IReadOnlyList<Record> Records => _records;

    public static RateLimitRule Rule(string name, RateLimitAlgorithm algorithm, long limit) => new()
    {
        Name = name,
        Key = ["key"],
        Algorithm = algorithm,
        Limit = limit,
        Window = algorithm == RateLimitAlgorithm.Concurrency ? TimeSpan.Zero : TimeSpan.FromSeconds(1),
    };

    /// <summary>A key of a rule; keys of the same home look for room in the same slots.</summary>
    public KeyHash Key(int rule, int number, int home = 0) => new KeyHash(
        (ulong)(number + 1) * 0x9E3779B97F4A7C15,
        ((ulong)home * ((1UL << 32) / Homes) << 32) | (uint)number).With(_rules[rule].Kind);

    /// <summary>Decides by the first rules, one key each.</summary>
    public QuotaDecision Decide(params KeyHash[] keys) => Decide(0, keys);

    /// <summary>Decides by one rule.</summary>
    public QuotaDecision DecideBy(int rule, KeyHash key) => Decide(rule, [key]);

    /// <summary>Permits left to a key.</summary>
    public long Remaining(int rule, KeyHash key) => _rules[rule].Limits[BoundRule.OwnLimit].Limit
        .Standing(State(rule, key), 1, _engine.Clock.Now()).Remaining;

    /// <summary>What is known about a key; that of one never seen, if nothing.</summary>
    public KeyState State(int rule, KeyHash key) => Table.Find(key, out KeyState state) >= 0
        ? state
        : _rules[rule].Limits[BoundRule.OwnLimit].Limit.Fresh(key, _engine.Clock.Now());

    public KeyHash OverflowKey(int rule) => _rules[rule].OverflowKey;

    /// <summary>How many decisions were for a key and allowed.</summary>
    public int Allowed(KeyHash key) => _records.Count(r => r.IsAllowed && r.Keys.Contains(key));

    /// <summary>
    /// The limit was used up by one decision after the other: each that was allowed was told another rest, from the limit downwards.
    /// </summary>
    public void CheckRests(KeyHash key, int limit) => Assert.Equal(
        Enumerable.Range(1, Allowed(key)).Select(used => (long)limit - used),
        _records.Where(r => r.IsAllowed && r.Keys.Contains(key)).Select(r => r.Remaining).OrderDescending());

    /// <summary>Every key has one slot and can be found, and the number of keys is right.</summary>
    public void CheckTable()
    {
        List<KeyHash> live = [];
        for (int i = 0; i < Homes * 2; i++)
        {
            ref Slot slot = ref SlotAt(Table, i);
            if (Slot.IsKey(slot.State))
            {
                live.Add(new KeyHash(slot.Low, slot.High));
            }
            else if (slot.State == Slot.Busy)
            {
                Assert.Fail($"slot {i} is busy for ever");
            }
        }

        Assert.Equal(live.Distinct().Count(), live.Count);
        Assert.All(live, key => Assert.True(Table.Find(key, out _) >= 0));
        Assert.Equal(live.Count, Table.Keys);
    }

    private QuotaDecision Decide(int firstRule, KeyHash[] keys)
    {
        PendingTake[] pending =
        [
            .. keys.Select((key, i) => new PendingTake { Rule = firstRule + i, Limit = BoundRule.OwnLimit, Hash = key, Cost = 1, Takes = true }),
        ];
        TimeSpan begun = Time.Elapsed;
        QuotaDecision decision = _engine.Decide(_rules, pending, isRefundable: false, out _);
        _records.Add(new Record(keys, begun, Time.Elapsed, decision.IsAllowed, decision.Remaining));
        return decision;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern ref Slot SlotAt(QuotaTable table, int index);

    /// <summary>A decision, the time before and after it, and what it said was left.</summary>
    public sealed record Record(KeyHash[] Keys, TimeSpan Begun, TimeSpan Ended, bool IsAllowed, long Remaining);
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Queueing;
using MeliProxy.RateLimiting.Table;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Makes decisions from keys that have been computed: all rules agree and each takes its permits, or none takes any.</summary>
internal sealed partial class DecisionEngine
{
    private const int MaxPooledHolds = 1024;

    private readonly KeyCapBehavior _atCap;
    private readonly ConcurrentQueue<QuotaHold> _holds = new();

    private readonly bool _countsByKeys;
    private bool _samples;

    /// <param name="table">What is known about keys.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="atCap">What becomes of keys without room.</param>
    /// <param name="maxQueued">How many may wait.</param>
    /// <param name="countsByKeys">Whether decisions are chosen to be counted by their keys.</param>
    public DecisionEngine(QuotaTable table, QuotaClock clock, KeyCapBehavior atCap, int maxQueued, bool countsByKeys = false)
    {
        _countsByKeys = _samples = countsByKeys;
        Table = table;
        Clock = clock;
        _atCap = atCap;
        Queues = new KeyQueues(this, maxQueued);
    }

    public QuotaTable Table { get; }

    public QuotaClock Clock { get; }

    public OutcomeCounts Counts { get; } = new();

    /// <summary>Decides.</summary>
    /// <param name="rules">The rules that <paramref name="takes"/> refer to.</param>
    /// <param name="takes">The parts of the rules that apply, with limit, hash, cost and whether they take.</param>
    /// <param name="isRefundable">Whether the decision keeps what it takes to give it back.</param>
    /// <param name="sample">Whether it is to be counted by its keys.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public QuotaDecision Decide(BoundRule[] rules, Span<PendingTake> takes, bool isRefundable, out UsageSample sample)
    {
        QuotaInstant now = Clock.Now();

        // 1. Look at every key without changing any. 2. Take from each. Where another thread was faster and used up the rest, give back.
        if (LookAtAll(rules, takes, now) & IsInTurn(rules, takes, now, waiter: null) && TakeFromAll(rules, takes, now))
        {
            return Allow(rules, takes, now, isRefundable, out sample);
        }

        TellOfMisses(rules, takes);
        CutBack(rules, takes, now);
        sample = CountRejection(rules, takes, now.Units);
        return Reject(rules, takes, now, out _);
    }

    /// <summary>The limit that applies to a key now, which is the rule's own once an override has ended.</summary>
    public static BoundLimit LimitOf(BoundRule rule, ref int limit, in QuotaInstant now)
    {
        BoundLimit bound = rule.Limits[limit];
        if (limit >= BoundRule.FirstOverride && now.UnixMilliseconds >= bound.EndsAtUnixMilliseconds)
        {
            limit = BoundRule.OwnLimit;
            bound = rule.Limits[limit];
        }

        return bound;
    }

    /// <summary>Gives back what a rule took.</summary>
    public void GiveBack(BoundRule rule, ref PendingTake take)
    {
        if (!take.IsTaken)
        {
            return;
        }

        Limit limit = rule.LimitAt(take.Limit);
        long taken = take.State.Word;

        // A key whose slot is another's by now became idle and was evicted: it has its whole quota already.
        while (Table.TryRead(take.Slot, take.Hash, out KeyState state))
        {
            long word = limit.Refund(state, taken, take.Cost, Clock.Now());
            if (word == state.Word || Table.TrySet(take.Slot, state, word, take.Hash.Kind))
            {
                break;
            }
        }

        take.IsTaken = false;
        Queues.Wake(take.Hash);
    }

    /// <summary>Takes permits from a key whether or not it has them.</summary>
    public void Charge(BoundRule rule, ref PendingTake take, long permits)
    {
        Limit limit = rule.LimitAt(take.Limit);
        if (!limit.Counts)
        {
            return;
        }

        while (true)
        {
            QuotaInstant now = Clock.Now();
            if (take.Slot < 0 || !Table.TryRead(take.Slot, take.Hash, out KeyState state))
            {
                take.Slot = FindOrAdd(rule, take.Hash, limit, now);
                if (take.Slot < 0)
                {
                    if (!TryShareRoom(rule, ref take))
                    {
                        return;
                    }

                    limit = rule.Own;
                }

                continue;
            }

            long word = limit.Charge(state, permits, now);
            if (Table.TrySet(take.Slot, state, word, take.Hash.Kind))
            {
                if (limit is LeaseLimit lease)
                {
                    lease.Charged(rule, take, state, word, permits, now);
                }

                return;
            }
        }
    }

    public void Return(QuotaHold hold)
    {
        if (_holds.Count < MaxPooledHolds)
        {
            _holds.Enqueue(hold);
        }
    }

    private bool LookAtAll(BoundRule[] rules, Span<PendingTake> takes, in QuotaInstant now)
    {
        bool allowed = true;
        foreach (ref PendingTake take in takes)
        {
            BoundRule rule = rules[take.Rule];
            if (rule.Leases is { IsAnyCutOff: true })
            {
                rule.FallBack(Table, ref take, now);
            }

            Limit limit = take.Limit == BoundRule.OwnLimit ? rule.Own : LimitOf(rule, ref take.Limit, now).Limit;
            take.Enforces = rule.Enforces(take.Hash);
            take.IsTaken = false;
            if (limit.Counts)
            {
                take.Slot = Table.Find(take.Hash, out take.State);
                if (take.Slot < 0)
                {
                    take.State = limit.Fresh(take.Hash, now);
                }
            }
            else
            {
                take.Slot = -1;
                take.State = default;
                take.Takes = false;
            }

            allowed &= IsWithin(limit, ref take, now) || !take.Enforces;
        }

        return allowed;
    }

    private bool TakeFromAll(BoundRule[] rules, Span<PendingTake> takes, in QuotaInstant now)
    {
        for (int i = 0; i < takes.Length; i++)
        {
            if (takes[i].Takes && !TryTake(rules[takes[i].Rule], ref takes[i], now) && takes[i].Enforces)
            {
                for (int j = 0; j < i; j++)
                {
                    TakeBack(rules[takes[j].Rule], ref takes[j], now);
                }

                return false;
            }
        }

        return true;
    }

    /// <summary>Takes permits as looked at before; looks again where another thread was faster.</summary>
    private bool TryTake(BoundRule rule, ref PendingTake take, in QuotaInstant now)
    {
        Limit limit = rule.LimitAt(take.Limit);
        while (take.IsWithin)
        {
            if (take.Slot < 0)
            {
                take.Slot = FindOrAdd(rule, take.Hash, limit, now);
                if (take.Slot < 0)
                {
                    if (!TryShareRoom(rule, ref take))
                    {
                        return GoWithoutRoom(limit, ref take, now);
                    }

                    limit = rule.Own;
                }
            }
            else if (!rule.Takes)
            {
                // Only what is charged later counts, and the key has a place for it.
                return true;
            }
            else if (Table.TrySet(take.Slot, take.State, take.Word, take.Hash.Kind))
            {
                take.State = QuotaTable.After(take.State, take.Word, take.Hash.Kind);
                take.IsTaken = true;
                return true;
            }

            if (take.Slot < 0 || !Table.TryRead(take.Slot, take.Hash, out take.State))
            {
                take.Slot = -1;
                take.State = limit.Fresh(take.Hash, now);
            }

            IsWithin(limit, ref take, now);
        }

        return false;
    }

    // The key of those without room has to be there; it may itself be evicted while nothing is counted for it.
    private int FindOrAdd(BoundRule rule, in KeyHash hash, Limit limit, in QuotaInstant now) =>
        Table.FindOrAdd(hash, limit.Fresh(hash, now), now, beyondCap: hash == rule.OverflowKey);

    /// <summary>For a key without room: whether it is counted together with the others that have none.</summary>
    private bool TryShareRoom(BoundRule rule, ref PendingTake take)
    {
        Counts.Add(rule.Row, RuleOutcome.NoRoom);
        if (_atCap != KeyCapBehavior.Overflow || take.Hash == rule.OverflowKey || !rule.Own.Counts)
        {
            return false;
        }

        take.Hash = rule.OverflowKey;
        take.Limit = BoundRule.OwnLimit;
        return true;
    }

    private bool GoWithoutRoom(Limit limit, ref PendingTake take, in QuotaInstant now)
    {
        if (_atCap == KeyCapBehavior.Admit)
        {
            return true;
        }

        // Nothing is known about the key; it is told what one with nothing left is told.
        take.State = limit.Exhausted(take.Hash, now);
        take.IsWithin = false;
        return false;
    }

    /// <summary>Gives back, and reports the key as it stood then: its rule agreed.</summary>
    private void TakeBack(BoundRule rule, ref PendingTake take, in QuotaInstant now)
    {
        if (take.IsTaken)
        {
            KeyState taken = take.State;
            GiveBack(rule, ref take);
            take.State = new KeyState(rule.LimitAt(take.Limit).Refund(taken, taken.Word, take.Cost, now), taken.Previous);
        }
    }

    /// <summary>
    /// Lets keys that their rule's numbers of before have driven further than those of now could begin to come back, as if all were used just now.
    /// </summary>
    private void CutBack(BoundRule[] rules, Span<PendingTake> takes, in QuotaInstant now)
    {
        foreach (ref PendingTake take in takes)
        {
            if (take is { IsWithin: false, Slot: >= 0 }
                && rules[take.Rule].LimitAt(take.Limit) is TokenBucketLimit bucket
                && bucket.IsBeyondExhausted(take.State, now))
            {
                // Now is read again, as it has to be later than the state.
                QuotaInstant later = Clock.Now();
                long word = bucket.Exhausted(take.Hash, later).Word;
                if (bucket.IsBeyondExhausted(take.State, later) && Table.TrySet(take.Slot, take.State, word, take.Hash.Kind))
                {
                    take.State = QuotaTable.After(take.State, word, take.Hash.Kind);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsWithin(Limit limit, ref PendingTake take, in QuotaInstant now) =>
        take.IsWithin = limit is TokenBucketLimit bucket
            ? bucket.TryTake(take.State, take.Cost, now, out take.Word)
            : limit.TryTake(take.State, take.Cost, now, out take.Word);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private QuotaDecision Allow(BoundRule[] rules, Span<PendingTake> takes, in QuotaInstant now, bool isRefundable, out UsageSample sample)
    {
        int nearest = -1;
        double most = -1;
        bool isSettledLater = isRefundable;
        OutcomeCells counts = Counts.Mine();
        for (int i = 0; i < takes.Length; i++)
        {
            ref PendingTake take = ref takes[i];
            BoundRule rule = rules[take.Rule];
            isSettledLater |= rule.IsSettledLater;
            counts.Add(rule.Row, take.IsWithin ? RuleOutcome.Allowed : RuleOutcome.ShadowLimited);
            if (take.IsTaken)
            {
                counts.Add(rule.Row, RuleOutcome.Cost, take.Cost);
            }
            else if (take is { Takes: true, IsWithin: true, Slot: < 0 })
            {
                counts.Add(rule.Row, RuleOutcome.FailOpen);
            }

            Limit limit = rule.LimitAt(take.Limit);
            if (limit is LeaseLimit lease && take.IsTaken && lease.IsToBeReported(take.State.Word))
            {
                rule.Leases!.Touch(rule, take);
            }

            if (take.Enforces && limit.Counts)
            {
                double used = takes.Length == 1 ? 0 : limit.Used(take.State, now);
                if (used > most)
                {
                    most = used;
                    nearest = i;
                }
            }
        }

        counts.Add(OutcomeCounts.DecisionRow, RuleOutcome.Allowed);
        sample = Sample(counts, isRejection: false, now.Units);
        QuotaHold? hold = isSettledLater ? Hold(rules, takes) : null;
        if (nearest < 0)
        {
            return new QuotaDecision(null, default, 0, default, null, hold);
        }

        ref PendingTake shown = ref takes[nearest];
        return new QuotaDecision(rules[shown.Rule].Limits[shown.Limit], shown.State, shown.Cost, now, violated: null, hold);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static QuotaDecision Reject(BoundRule[] rules, Span<PendingTake> takes, in QuotaInstant now, out int longest)
    {
        longest = -1;
        TimeSpan longestWait = TimeSpan.Zero;
        ViolatedNames? violated = null;
        for (int i = 0; i < takes.Length; i++)
        {
            ref PendingTake take = ref takes[i];
            BoundRule rule = rules[take.Rule];
            if (take.IsWithin || !take.Enforces)
            {
                continue;
            }

            violated = violated is null ? rule.Violated : violated.With(rule);
            TimeSpan wait = rule.LimitAt(take.Limit).Standing(take.State, take.Cost, now).RetryAfter;
            if (longest < 0 || wait > longestWait)
            {
                longest = i;
                longestWait = wait;
            }
        }

        BoundLimit decided = rules[takes[longest].Rule].Limits[takes[longest].Limit];
        return new QuotaDecision(decided, takes[longest].State, takes[longest].Cost, now, violated!.Names, hold: null);
    }

    private QuotaHold Hold(BoundRule[] rules, ReadOnlySpan<PendingTake> takes)
    {
        if (!_holds.TryDequeue(out QuotaHold? hold))
        {
            hold = new QuotaHold(this);
        }

        hold.Begin(rules, takes);
        return hold;
    }
}

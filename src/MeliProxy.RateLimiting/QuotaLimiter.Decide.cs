using System.Buffers;
using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    private const int RulesOnStack = 16;
    private const int KeyCharactersOnStack = 256;

    /// <summary>Decides whether a resource may pass, and takes each matching rule's cost from its key if so.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The decision.</returns>
    public QuotaDecision Decide(TResource resource) => Decide(resource, 1);

    /// <summary>Decides whether a resource may pass, and takes permits from the key of each matching rule if so.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="permits">
    /// How many times each rule's cost is taken; 0 takes nothing and decides as 1 would.
    /// </param>
    /// <returns>The decision.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="permits"/> is negative.</exception>
    [SkipLocalsInit]
    public QuotaDecision Decide(TResource resource, int permits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(permits);
        BoundRule<TResource>[] rules = _rules.Rules;
        if (rules.Length <= RulesOnStack)
        {
            return Decide(rules, resource, permits, stackalloc PendingTake[RulesOnStack]);
        }

        PendingTake[] rented = ArrayPool<PendingTake>.Shared.Rent(rules.Length);
        try
        {
            return Decide(rules, resource, permits, rented);
        }
        finally
        {
            ArrayPool<PendingTake>.Shared.Return(rented);
        }
    }

    private QuotaDecision Decide(BoundRule<TResource>[] rules, TResource resource, int permits, Span<PendingTake> takes)
    {
        // 1. Compute all keys and ask for their memory, so that the cache misses overlap.
        takes = takes[..Prepare(rules, resource, permits, takes)];
        QuotaInstant now = _clock.Now();

        // 2. Look at every key without changing any.
        if (!LookAtAll(rules, takes, now))
        {
            return Reject(rules, takes, now);
        }

        // 3. Take from each. Where another thread was faster and used up the rest, give back what was taken before.
        if (permits > 0 && !TakeFromAll(rules, takes, now))
        {
            return Reject(rules, takes, now);
        }

        return Allow(rules, takes, now);
    }

    [SkipLocalsInit]
    private int Prepare(BoundRule<TResource>[] rules, TResource resource, int permits, Span<PendingTake> takes)
    {
        Span<char> buffer = stackalloc char[KeyCharactersOnStack];
        int count = 0;
        for (int i = 0; i < rules.Length; i++)
        {
            BoundRule<TResource> rule = rules[i];
            if (rule.Matches(resource) && rule.TryHashKey(resource, buffer, out KeyHash hash))
            {
                _table.Prefetch(hash);
                ref PendingTake take = ref takes[count++];
                take.Rule = i;
                take.Hash = hash;
                take.Cost = permits <= 1 ? rule.Rule.Cost : Multiply(rule.Rule.Cost, permits);
                take.Taken = false;
            }
        }

        return count;
    }

    private bool LookAtAll(BoundRule<TResource>[] rules, Span<PendingTake> takes, in QuotaInstant now)
    {
        bool allowed = true;
        foreach (ref PendingTake take in takes)
        {
            BoundRule<TResource> rule = rules[take.Rule];
            take.Slot = Read(take.Hash, rule.Limit, now, out take.State);
            allowed &= IsWithin(rule.Limit, ref take, now) || !rule.Enforces;
        }

        return allowed;
    }

    private bool TakeFromAll(BoundRule<TResource>[] rules, Span<PendingTake> takes, in QuotaInstant now)
    {
        for (int i = 0; i < takes.Length; i++)
        {
            BoundRule<TResource> rule = rules[takes[i].Rule];
            if (!TryTake(rule, ref takes[i], now) && rule.Enforces)
            {
                for (int j = 0; j < i; j++)
                {
                    GiveBack(rules[takes[j].Rule].Limit, ref takes[j], now);
                }

                return false;
            }
        }

        return true;
    }

    /// <summary>Takes permits as looked at before; looks again where another thread was faster.</summary>
    private bool TryTake(BoundRule<TResource> rule, ref PendingTake take, in QuotaInstant now)
    {
        while (take.IsWithin)
        {
            if (take.Slot < 0)
            {
                take.Slot = _table.FindOrAdd(take.Hash, rule.Limit.Kind, rule.Limit.Fresh(now), now);
                if (take.Slot < 0)
                {
                    return !_rejectAtCap || RejectAtCap(rule, ref take, now);
                }
            }
            else if (Interlocked.CompareExchange(ref _table.State(take.Slot), take.NewState, take.State) == take.State)
            {
                take.State = take.NewState;
                take.Taken = true;
                return true;
            }

            if (!TryReadSlot(ref take))
            {
                take.State = rule.Limit.Fresh(now);
            }

            IsWithin(rule.Limit, ref take, now);
        }

        return false;
    }

    /// <summary>Nothing is known about the key; it is told what one with nothing left is told.</summary>
    private static bool RejectAtCap(BoundRule<TResource> rule, ref PendingTake take, in QuotaInstant now)
    {
        take.State = rule.Limit.Exhausted(now);
        take.IsWithin = false;
        return false;
    }

    private void GiveBack(Limit limit, ref PendingTake take, in QuotaInstant now)
    {
        long taken = take.State;

        // A key whose slot is another's by now became idle and was evicted: it has its whole quota already.
        while (take.Taken && TryReadSlot(ref take))
        {
            long state = limit.Refund(take.State, taken, take.Cost, _clock.Now());
            if (Interlocked.CompareExchange(ref _table.State(take.Slot), state, take.State) == take.State)
            {
                break;
            }
        }

        if (take.Taken)
        {
            // This rule agreed, and is reported as it stood then.
            take.State = limit.Refund(taken, taken, take.Cost, now);
            take.Taken = false;
        }
    }

    /// <summary>A key's slot and state; -1 and the state of a key never seen if it has none.</summary>
    private int Read(in KeyHash hash, Limit limit, in QuotaInstant now, out long state)
    {
        int slot = _table.Find(hash);
        if (slot >= 0)
        {
            state = Volatile.Read(ref _table.State(slot));
            if (Table.Slot.IsKey(state) && _table.Holds(slot, hash))
            {
                return slot;
            }
        }

        state = limit.Fresh(now);
        return -1;
    }

    /// <summary>Reads the state again; false, and no slot any more, if the slot has become another key's.</summary>
    private bool TryReadSlot(ref PendingTake take)
    {
        long state = Volatile.Read(ref _table.State(take.Slot));
        if (Table.Slot.IsKey(state) && _table.Holds(take.Slot, take.Hash))
        {
            take.State = state;
            return true;
        }

        take.Slot = -1;
        return false;
    }

    private static long Multiply(long cost, int permits) => (long)Int128.Min((Int128)cost * permits, long.MaxValue);

    private static bool IsWithin(Limit limit, ref PendingTake take, in QuotaInstant now) =>
        take.IsWithin = limit.TryTake(take.State, take.Cost, now, out take.NewState);

    private QuotaDecision Allow(BoundRule<TResource>[] rules, ReadOnlySpan<PendingTake> takes, in QuotaInstant now)
    {
        int nearest = -1;
        double most = -1;
        for (int i = 0; i < takes.Length; i++)
        {
            BoundRule<TResource> rule = rules[takes[i].Rule];
            if (rule.Enforces)
            {
                double used = takes.Length == 1 ? 0 : rule.Limit.Used(takes[i].State, now);
                if (used > most)
                {
                    most = used;
                    nearest = i;
                }
            }
        }

        _counts.CountAllowed();
        return nearest < 0
            ? default
            : new QuotaDecision(rules[takes[nearest].Rule], takes[nearest].State, takes[nearest].Cost, now, violated: null);
    }

    private QuotaDecision Reject(BoundRule<TResource>[] rules, ReadOnlySpan<PendingTake> takes, in QuotaInstant now)
    {
        int longest = -1;
        TimeSpan longestWait = TimeSpan.Zero;
        List<string>? several = null;
        for (int i = 0; i < takes.Length; i++)
        {
            BoundRule<TResource> rule = rules[takes[i].Rule];
            if (!rule.Enforces || takes[i].IsWithin)
            {
                continue;
            }

            if (longest >= 0)
            {
                several ??= [rules[takes[longest].Rule].Rule.Name];
                several.Add(rule.Rule.Name);
            }

            TimeSpan wait = rule.Limit.Standing(takes[i].State, takes[i].Cost, now).RetryAfter;
            if (longest < 0 || wait > longestWait)
            {
                longest = i;
                longestWait = wait;
            }
        }

        _counts.CountRejected();
        BoundRule<TResource> decided = rules[takes[longest].Rule];
        return new QuotaDecision(decided, takes[longest].State, takes[longest].Cost, now, several ?? decided.Violated);
    }
}

using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Queueing;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Limiting;

internal sealed partial class DecisionEngine
{
    /// <summary>Those who wait.</summary>
    public KeyQueues Queues { get; }

    /// <summary>Decides for a resource that can wait.</summary>
    /// <param name="rules">The rules that <paramref name="takes"/> refer to.</param>
    /// <param name="takes">The parts of the rules that apply, with limit, hash, cost and whether they take.</param>
    /// <param name="isRefundable">Whether the decision keeps what it takes to give it back.</param>
    /// <param name="waiter">The resource's place in a queue, if it waits already.</param>
    /// <param name="rejection">Set if it is rejected by rules that let it wait; the rejection then is not counted yet.</param>
    /// <param name="sample">Whether it is to be counted by its keys.</param>
    public QuotaDecision Decide(
        BoundRule[] rules,
        Span<PendingTake> takes,
        bool isRefundable,
        Waiter? waiter,
        out QueueableRejection? rejection,
        out UsageSample sample)
    {
        rejection = null;
        sample = default;
        QuotaInstant now = Clock.Now();
        if (LookAtAll(rules, takes, now) & IsInTurn(rules, takes, now, waiter) && TakeFromAll(rules, takes, now))
        {
            return Allow(rules, takes, now, isRefundable, out sample);
        }

        CutBack(rules, takes, now);
        QuotaDecision decision = Reject(rules, takes, now, out int longest);
        if (waiter is null)
        {
            TellOfMisses(rules, takes);
        }

        if (MayWait(rules, takes) && (waiter is not null || CanBeginToWait(rules[takes[longest].Rule].Queue!, takes[longest], decision)))
        {
            rejection = new QueueableRejection(decision, rules, takes, longest, now);
        }
        else
        {
            sample = CountRejection(rules, takes, now.Units);
        }

        return decision;
    }

    /// <summary>Counts a rejection by rules.</summary>
    /// <returns>Whether it is to be counted by its keys.</returns>
    public UsageSample CountRejection(BoundRule[] rules, ReadOnlySpan<PendingTake> takes, long now)
    {
        OutcomeCells counts = Counts.Mine();
        foreach (ref readonly PendingTake take in takes)
        {
            if (!take.IsWithin)
            {
                counts.Add(rules[take.Rule].Row, take.Enforces ? RuleOutcome.Limited : RuleOutcome.ShadowLimited);
            }
        }

        counts.Add(OutcomeCounts.DecisionRow, RuleOutcome.Limited);
        return Sample(counts, isRejection: true, now);
    }

    /// <summary>Lets those who lease know what was asked for in vain.</summary>
    private static void TellOfMisses(BoundRule[] rules, ReadOnlySpan<PendingTake> takes)
    {
        foreach (ref readonly PendingTake take in takes)
        {
            if (!take.IsWithin && rules[take.Rule].Leases is { } leases)
            {
                leases.Miss(rules[take.Rule], take);
            }
        }
    }

    /// <summary>Whether nobody who waits for one of the keys is overtaken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsInTurn(BoundRule[] rules, Span<PendingTake> takes, in QuotaInstant now, Waiter? waiter) =>
        Queues.Count == 0 || IsBehindNobody(rules, takes, now, waiter);

    private bool IsBehindNobody(BoundRule[] rules, Span<PendingTake> takes, in QuotaInstant now, Waiter? waiter)
    {
        bool isInTurn = true;
        foreach (ref PendingTake take in takes)
        {
            BoundRule rule = rules[take.Rule];
            Limit limit = rule.LimitAt(take.Limit);

            // A first lease is for whoever comes: those who wait for it are tried as soon as it does.
            if (rule.Rule.Queue is not null && take.Enforces && take.IsWithin && limit.Counts && Queues.IsAnyoneAhead(take.Hash, waiter))
            {
                // What the key has left is for those who wait, so it is told what one with nothing left is told.
                take.State = limit.Exhausted(take.Hash, now);
                take.IsWithin = false;
                take.Slot = PendingTake.BehindOthers;
                isInTurn = false;
            }
        }

        return isInTurn;
    }

    /// <summary>Whether all rules that reject do so for want of permits that will come back, and let resources wait for them.</summary>
    private static bool MayWait(BoundRule[] rules, ReadOnlySpan<PendingTake> takes)
    {
        foreach (ref readonly PendingTake take in takes)
        {
            if (!take.IsWithin && take.Enforces)
            {
                BoundRule rule = rules[take.Rule];

                // A key never seen has all its permits, unless they have to be leased. If it has no slot otherwise, the limit is none that permits
                // come back for, or there was no room.
                Limit limit = rule.LimitAt(take.Limit);
                bool lacksPermits = take.Slot == PendingTake.BehindOthers || limit is LeaseLimit || (take.Slot >= 0 && take.Hash != rule.OverflowKey);
                bool isTooLate = rule.WaitsForFirstLeaseOnly && !(limit is LeaseLimit lease && lease.IsCold(take));
                if (rule.Queue is null || isTooLate || !lacksPermits || take.Cost > limit.Capacity)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool CanBeginToWait(RuleQueue queue, in PendingTake longest, in QuotaDecision decision) =>
        decision.RetryAfter <= queue.MaxWait && Queues.HasRoom(longest.Hash, queue.Limit);
}

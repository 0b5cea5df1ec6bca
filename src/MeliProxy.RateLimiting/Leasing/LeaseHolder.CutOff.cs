using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>What happens while no owner of a shard can be reached.</content>
internal sealed partial class LeaseHolder
{
    private IReadOnlyList<BoundRule> _rules = [];

    /// <summary>Puts keys of shards that are cut off under what their rules do then, and others under leases again.</summary>
    /// <param name="isCutOff">Of each shard.</param>
    /// <param name="now">The moment.</param>
    public void FollowCutOff(ReadOnlySpan<bool> isCutOff, in QuotaInstant now)
    {
        bool begins = false;
        bool ends = false;
        foreach (ShardLink link in Links)
        {
            begins |= isCutOff[link.Shard] && !link.IsCutOff;
            ends |= !isCutOff[link.Shard] && link.IsCutOff;
        }

        if (!begins && !ends)
        {
            return;
        }

        foreach (BoundRule rule in begins ? _rules : [])
        {
            rule.PrepareFallbacks(Members);
        }

        foreach (LeaseAccount account in _accounts.Values)
        {
            bool wasCutOff = Links[account.Shard].IsCutOff;
            if (isCutOff[account.Shard] && !wasCutOff)
            {
                BeginFallback(account, now);
            }
            else if (wasCutOff && !isCutOff[account.Shard])
            {
                EndFallback(account, now);
            }
        }

        foreach (ShardLink link in Links)
        {
            link.IsCutOff = isCutOff[link.Shard];
        }

        _isAnyCutOff = isCutOff.Contains(true);
        if (begins)
        {
            // No lease will come that they could wait for.
            Engine.Queues.WakeAll();
        }
    }

    /// <summary>What each shared rule promises now.</summary>
    public IReadOnlyList<SharedRuleStatus> RuleStatuses() =>
        [.. _rules.Where(r => r.Leases is not null).Select(r => new SharedRuleStatus(r.Rule.Name, Bound(r), _isAnyCutOff))];

    /// <remarks>
    /// What is used under a fallback comes on top of all that leases give out: the ledger knows nothing of it. Every member may have one, as
    /// all may be cut off from each other.
    /// </remarks>
    private long? Bound(BoundRule rule)
    {
        // A member may have its allowance twice in a window, as a lease that is not renewed in time ends within it.
        long allowance = rule.Own is LeaseLimit lease ? 2 * lease.Allowance : 0;
        bool fallsBack = _isAnyCutOff && rule.Own is LeaseLimit && rule.Rule.OnPartition != PartitionBehavior.Closed;
        if ((fallsBack && rule.Rule.OnPartition == PartitionBehavior.Open) || ((fallsBack || allowance > 0) && !AreMembersKnown))
        {
            return null;
        }

        long alone = fallsBack ? InOneWindow(rule.Fallback(BoundRule.OwnLimit).Rule) : 0;
        return (long)Int128.Min(InOneWindow(rule.Rule) + ((Int128)Members * (allowance + alone)), long.MaxValue);
    }

    /// <summary>The most that one process admits of a key: of a bucket, what is in it and what flows in meanwhile.</summary>
    private static long InOneWindow(RateLimitRule rule) =>
        rule.Algorithm == RateLimitAlgorithm.TokenBucket ? rule.Capacity + rule.Limit : rule.Limit;

    /// <summary>The key goes on with its part of what all had left when that was last known.</summary>
    private void BeginFallback(LeaseAccount account, in QuotaInstant now)
    {
        BoundLimit fallback = account.Rule.Fallback(account.Limit);
        if (!fallback.Limit.Counts || account.KnownRemaining is not { } remaining || account.LimitAt(now) is not { } lease)
        {
            return;
        }

        // What it holds itself is its to spend, but may lapse before it is.
        bool isHeld = Engine.Table.Find(account.Hash, out KeyState held) >= 0 && held.Word > now.Units && LeaseWord.IsRegistered(held.Word);
        remaining = Math.Min(remaining + (isHeld ? LeaseWord.Permits(held.Word) : 0), lease.Capacity);
        KeyHash hash = account.Hash.With(lease.LedgerKind);
        long part = account.Rule.Rule.OnPartition == PartitionBehavior.Share ? remaining / Members : remaining;
        KeyState fresh = fallback.Limit.Fresh(hash, now);
        KeyState begun = fresh with { Word = fallback.Limit.Charge(fresh, Math.Max(fallback.Limit.Capacity - part, 0), now) };
        if (!Limit.IsIdle(lease.LedgerKind, begun.Word, now))
        {
            Engine.Table.TryRestore(hash, begun, now);
        }

        account.FallbackBase = begun.Word;
    }

    /// <summary>Windows outlast being cut off, so what was used of them meanwhile is reported.</summary>
    private void EndFallback(LeaseAccount account, in QuotaInstant now)
    {
        long begun = account.FallbackBase;
        account.FallbackBase = -1;
        BoundLimit fallback = account.Rule.Fallback(account.Limit);
        if (begun < 0 || !fallback.Limit.Counts || account.LimitAt(now) is not { } lease || lease.LedgerKind == SlotKind.TokenBucket)
        {
            return;
        }

        KeyHash hash = account.Hash.With(lease.LedgerKind);
        if (Engine.Table.Find(hash, out KeyState state) < 0)
        {
            return;
        }

        WindowLayout layout = WindowLayout.Of(lease.LedgerKind);
        bool isSameWindow = layout.EndMilliseconds(begun) == layout.EndMilliseconds(state.Value);
        long used = layout.Count(state.Value) - (isSameWindow ? layout.Count(begun) : 0);
        if (used > 0 && layout.EndMilliseconds(state.Value) > now.WallMilliseconds)
        {
            account.Overdraw(used);
            Schedule(account, now.Units);
        }
    }
}

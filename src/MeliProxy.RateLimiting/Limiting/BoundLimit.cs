using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>One of the limits that a rule can put on a key: its own, that of an override, or none at all.</summary>
internal sealed class BoundLimit
{
    private static readonly TimeSpan RetryAlone = TimeSpan.FromSeconds(1);

    public BoundLimit(RateLimitRule rule, Limit limit, RuleOverride? source = null)
    {
        Rule = rule;
        Limit = limit;
        Override = source;
        EndsAtUnixMilliseconds = source?.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue;
    }

    /// <summary>The rule with the numbers of this limit.</summary>
    public RateLimitRule Rule { get; }

    public Limit Limit { get; }

    /// <summary>The override that this limit comes from, if it does.</summary>
    public RuleOverride? Override { get; }

    public long EndsAtUnixMilliseconds { get; }

    /// <summary>A rule's own limit: of leases where the rule is shared.</summary>
    public static BoundLimit For(RateLimitRule rule, LeaseHolder? leases) => new(rule, LimitOf(rule, leases));

    /// <summary>The limit that an override puts on its key.</summary>
    public static BoundLimit For(RuleOverride source, RateLimitRule rule, LeaseHolder? leases) => source.Limit switch
    {
        null => new BoundLimit(rule, new UnlimitedLimit(Limit.KindOf(rule)), source),
        0 => new BoundLimit(
            rule with { Limit = 0, Burst = null },
            new BlockedLimit(Limit.KindOf(rule), rule.NominalWindow, source.ExpiresAt?.ToUnixTimeMilliseconds()),
            source),
        { } limit => For(rule with { Limit = limit, Burst = source.Burst }, source, leases),
    };

    /// <summary>What is in force in place of a limit of leases while there are none to be had.</summary>
    /// <param name="members">Among how many the limit is divided where the rule says so.</param>
    public BoundLimit ToFallback(int members)
    {
        if (Limit is not LeaseLimit)
        {
            return this;
        }

        SlotKind kind = Limit.KindOf(Rule);
        return Rule.OnPartition switch
        {
            PartitionBehavior.Open => new BoundLimit(Rule, new UnlimitedLimit(kind)),
            PartitionBehavior.Closed => new BoundLimit(Rule, new BlockedLimit(kind, RetryAlone, endsAtUnixMilliseconds: null)),
            PartitionBehavior.Local => new BoundLimit(Rule, Limit.For(Rule)),
            _ => ToPart(members),
        };
    }

    private BoundLimit ToPart(int members)
    {
        long least = Math.Max(Rule.Cost, 1);
        RateLimitRule part = Rule with
        {
            Limit = Math.Max(Rule.Limit / members, Rule.Algorithm == RateLimitAlgorithm.TokenBucket ? 1 : least),
            Burst = Rule.Algorithm == RateLimitAlgorithm.TokenBucket ? Math.Max(Rule.Capacity / members, least) : null,
        };
        return new BoundLimit(part, Limit.For(part));
    }

    private static BoundLimit For(RateLimitRule rule, RuleOverride source, LeaseHolder? leases) => new(rule, LimitOf(rule, leases), source);

    private static Limit LimitOf(RateLimitRule rule, LeaseHolder? leases) =>
        leases is not null && rule.Limit > 0 ? new LeaseLimit(rule, leases) : Limit.For(rule);
}

using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>One of the limits that a rule can put on a key: its own, that of an override, or none at all.</summary>
internal sealed class BoundLimit
{
    public BoundLimit(RateLimitRule rule, Limit limit, RuleOverride? source = null)
    {
        Rule = rule;
        Limit = limit;
        Override = source;
        EndsAtUnixMilliseconds = source?.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue;
        Violated = [rule.Name];
    }

    /// <summary>The rule with the numbers of this limit.</summary>
    public RateLimitRule Rule { get; }

    public Limit Limit { get; }

    /// <summary>The override that this limit comes from, if it does.</summary>
    public RuleOverride? Override { get; }

    public long EndsAtUnixMilliseconds { get; }

    /// <summary>The rule's name alone, for rejections by this rule only.</summary>
    public IReadOnlyList<string> Violated { get; }

    /// <summary>The limit that an override puts on its key.</summary>
    public static BoundLimit For(RuleOverride source, RateLimitRule rule) => source.Limit switch
    {
        null => new BoundLimit(rule, new UnlimitedLimit(Limit.KindOf(rule)), source),
        0 => new BoundLimit(
            rule with { Limit = 0, Burst = null },
            new BlockedLimit(Limit.KindOf(rule), rule.NominalWindow, source.ExpiresAt?.ToUnixTimeMilliseconds()),
            source),
        { } limit => For(rule with { Limit = limit, Burst = source.Burst }, source),
    };

    private static BoundLimit For(RateLimitRule rule, RuleOverride source) => new(rule, Limit.For(rule), source);
}

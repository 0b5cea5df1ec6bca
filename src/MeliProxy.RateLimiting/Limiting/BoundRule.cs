using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>A rule with its numbers worked out; what decisions refer to.</summary>
internal abstract class BoundRule
{
    private protected BoundRule(RateLimitRule rule, Limit limit, KeyHasher hasher)
    {
        Rule = rule;
        Limit = limit;
        Hasher = hasher;
        Violated = [rule.Name];
    }

    public RateLimitRule Rule { get; }

    public Limit Limit { get; }

    /// <summary>Hashes keys of this rule; keyed so that rules do not share hashes.</summary>
    public KeyHasher Hasher { get; }

    /// <summary>The rule's name alone, for rejections by this rule only.</summary>
    public IReadOnlyList<string> Violated { get; }

    public bool Enforces => Rule.Mode == RuleMode.Enforce;
}

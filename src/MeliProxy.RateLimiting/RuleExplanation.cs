using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting;

/// <summary>What one rule would make of a resource.</summary>
public sealed record RuleExplanation
{
    /// <summary>The rule, with the limit that applies to the key, which may be that of <see cref="Override"/>.</summary>
    public required RateLimitRule Rule { get; init; }

    /// <summary>Whether the rule applies to the resource.</summary>
    public required RuleApplicability Applicability { get; init; }

    /// <summary>The values of the key's parts, in the order of <see cref="RateLimitRule.Key"/>; <see langword="null"/> for a part that is missing.</summary>
    public required IReadOnlyList<string?> Key { get; init; }

    /// <summary>The override that is in force for the key; <see langword="null"/> if there is none.</summary>
    public required RuleOverride? Override { get; init; }

    /// <summary>What a key source or the match threw; <see langword="null"/> if nothing.</summary>
    public required string? Failure { get; init; }

    /// <summary>Whether the rule may reject this key; <see langword="false"/> in shadow mode and for keys outside <see cref="RateLimitRule.EnforcePercent"/>.</summary>
    public required bool IsEnforced { get; init; }

    /// <summary>Whether the rule would let the resource pass now. If it is not enforced it reports <see langword="false"/> and rejects nothing.</summary>
    public required bool IsAllowed { get; init; }

    /// <summary>Permits the key has now.</summary>
    public required long Remaining { get; init; }

    /// <summary>Time until the key has its whole quota again.</summary>
    public required TimeSpan ResetAfter { get; init; }

    /// <summary>Time until the resource could pass; zero if it could now.</summary>
    public required TimeSpan RetryAfter { get; init; }
}

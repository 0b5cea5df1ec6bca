namespace MeliProxy.RateLimiting.Rules;

/// <summary>Another limit for one key of one rule, for good or for a time.</summary>
/// <remarks>
/// Immutable data, checked as part of a <see cref="RuleSet"/>. The key keeps its counts when an override comes, changes, expires or goes.
/// </remarks>
public sealed record RuleOverride
{
    /// <summary>The <see cref="RateLimitRule.Name"/> of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>The values of the key's parts, in the order of <see cref="RateLimitRule.Key"/>; empty for a part that is missing.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>
    /// Permits per window, in the range of <see cref="RateLimitRule.Limit"/>; 0 blocks the key. <see langword="null"/>: unlimited, the rule
    /// leaves the key alone.
    /// </summary>
    public required long? Limit { get; init; }

    /// <summary>Token bucket only: the burst. <see langword="null"/>, the default: as many as <see cref="Limit"/>.</summary>
    public long? Burst { get; init; }

    /// <summary>When the override ends. <see langword="null"/>, the default: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

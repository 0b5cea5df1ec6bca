namespace MeliProxy.RateLimiting.Rules;

/// <summary>
/// A named limit: which resources it matches, the key it counts them by, and how much each key may use.
/// </summary>
/// <remarks>
/// A rule is data and immutable. It is checked as part of a <see cref="RuleSet"/>, which says everything that is wrong with it.
/// The counts of a key belong to the rule's name, algorithm and key parts, so changing <see cref="Limit"/>, <see cref="Burst"/>,
/// <see cref="Cost"/> or <see cref="Mode"/> keeps them. A fixed window's counts belong to the length of its window too.
/// </remarks>
public sealed record RateLimitRule
{
    /// <summary>The longest <see cref="Name"/>, in characters.</summary>
    public const int MaxNameLength = 64;

    /// <summary>The highest number of parts in <see cref="Key"/>.</summary>
    public const int MaxKeyParts = 8;

    /// <summary>The shortest <see cref="Window"/>: one millisecond.</summary>
    public static readonly TimeSpan MinWindow = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest <see cref="Window"/>, and the longest time in which a full burst may refill: 366 days.</summary>
    public static readonly TimeSpan MaxWindow = TimeSpan.FromDays(366);

    /// <summary>
    /// The rule's name, unique in its set: 1 to <see cref="MaxNameLength"/> characters of <c>a-z A-Z 0-9 . _ -</c>.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>What the rule applies to. <see langword="null"/>, the default: everything.</summary>
    public RuleMatch? Match { get; init; }

    /// <summary>
    /// The names of the parts that make up the partition key, such as <c>client-ip</c> or <c>header:X-Api-Key</c>; 1 to
    /// <see cref="MaxKeyParts"/>. Each distinct tuple of values has a count of its own.
    /// </summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>How usage is counted. Default: <see cref="RateLimitAlgorithm.TokenBucket"/>.</summary>
    public RateLimitAlgorithm Algorithm { get; init; } = RateLimitAlgorithm.TokenBucket;

    /// <summary>
    /// Permits per <see cref="Window"/> for each key, at most 10 million a second. 0 rejects everything that the rule matches.
    /// </summary>
    public required long Limit { get; init; }

    /// <summary>
    /// The time over which <see cref="Limit"/> is given out, from <see cref="MinWindow"/> to <see cref="MaxWindow"/>, in whole milliseconds.
    /// </summary>
    public required TimeSpan Window { get; init; }

    /// <summary>
    /// Token bucket only: how many permits a key that was idle may use at once; at least 1.
    /// <see langword="null"/>, the default: as many as <see cref="Limit"/>.
    /// </summary>
    public long? Burst { get; init; }

    /// <summary>Permits that one request takes, from 1 to the most a key can hold. Default: 1.</summary>
    public long Cost { get; init; } = 1;

    /// <summary>Whether the quota belongs to this process or to all sidecars of a domain. Default: <see cref="RuleScope.Local"/>.</summary>
    public RuleScope Scope { get; init; } = RuleScope.Local;

    /// <summary>Whether going over the limit rejects, or is only counted. Default: <see cref="RuleMode.Enforce"/>.</summary>
    public RuleMode Mode { get; init; } = RuleMode.Enforce;

    /// <summary>What happens to a resource that lacks one of the key parts. Default: <see cref="MissingKeyBehavior.Empty"/>.</summary>
    public MissingKeyBehavior OnMissingKey { get; init; } = MissingKeyBehavior.Empty;

    /// <summary>The most permits that a key can hold: the burst of a token bucket, the limit of a window.</summary>
    public long Capacity => Algorithm == RateLimitAlgorithm.TokenBucket && Limit > 0 ? Burst ?? Limit : Limit;
}

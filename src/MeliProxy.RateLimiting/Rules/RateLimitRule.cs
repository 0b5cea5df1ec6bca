namespace MeliProxy.RateLimiting.Rules;

/// <summary>
/// A named limit: which resources it matches, the key it counts them by, and how much each key may use.
/// </summary>
/// <remarks>
/// A rule is data and immutable. It is checked as part of a <see cref="RuleSet"/>, which says everything that is wrong with it.
/// The counts of a key belong to the rule's name, algorithm and key parts, so changing <see cref="Limit"/>, <see cref="Burst"/>,
/// <see cref="Cost"/>, <see cref="Mode"/> or anything else keeps them. The counts of windows belong to the window's length or calendar too.
/// A token bucket keeps the time until a key is whole again, and at most that of a whole burst: a key that was out of permits gets them at the
/// new rate. Debts, which only a <see cref="Charge"/> makes, keep their time.
/// </remarks>
public sealed record RateLimitRule
{
    /// <summary>The longest <see cref="Name"/>, in characters.</summary>
    public const int MaxNameLength = 64;

    /// <summary>The highest number of parts in <see cref="Key"/>.</summary>
    public const int MaxKeyParts = 8;

    /// <summary>The highest number of entries in <see cref="Allow"/>, and in <see cref="Deny"/>.</summary>
    public const int MaxListEntries = 10_000;

    /// <summary>The highest <see cref="Limit"/> of <see cref="RateLimitAlgorithm.Concurrency"/>: 10 million.</summary>
    public const long MaxConcurrency = 10_000_000;

    /// <summary>The highest <see cref="Cost"/> of a shared rule: 1 million.</summary>
    public const long MaxSharedCost = 1_000_000;

    /// <summary>The shortest <see cref="Window"/>: one millisecond.</summary>
    public static readonly TimeSpan MinWindow = TimeSpan.FromMilliseconds(1);

    /// <summary>The shortest <see cref="Window"/> of a fixed or sliding window that is shared: one second.</summary>
    public static readonly TimeSpan MinSharedWindow = TimeSpan.FromSeconds(1);

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
    /// Permits per window for each key, at most 10 million a second; for <see cref="RateLimitAlgorithm.Concurrency"/>, how many may be held
    /// at a time, at most <see cref="MaxConcurrency"/>. 0 rejects everything that the rule matches.
    /// </summary>
    public required long Limit { get; init; }

    /// <summary>
    /// The time over which <see cref="Limit"/> is given out, from <see cref="MinWindow"/> to <see cref="MaxWindow"/>, in whole milliseconds.
    /// Zero, the default, where there is a <see cref="Calendar"/> instead, and for <see cref="RateLimitAlgorithm.Concurrency"/>.
    /// </summary>
    public TimeSpan Window { get; init; }

    /// <summary>
    /// Fixed window only: instead of <see cref="Window"/>, windows are the minutes, hours, days or months of a calendar.
    /// <see langword="null"/>, the default: windows of equal length, aligned to the Unix epoch.
    /// </summary>
    public CalendarPeriod? Calendar { get; init; }

    /// <summary>
    /// The time zone of <see cref="Calendar"/> by its IANA name, such as <c>America/Sao_Paulo</c>.
    /// <see langword="null"/>, the default: UTC.
    /// </summary>
    public string? TimeZone { get; init; }

    /// <summary>
    /// Token bucket only: how many permits a key that was idle may use at once; at least 1.
    /// <see langword="null"/>, the default: as many as <see cref="Limit"/>.
    /// </summary>
    public long? Burst { get; init; }

    /// <summary>
    /// Permits that one resource takes, from 1 to the most a key can hold. Default: 1. With a <see cref="Charge"/> it may be 0: then a
    /// resource passes if its key has a permit left, and only what is charged afterwards counts.
    /// </summary>
    public long Cost { get; init; } = 1;

    /// <summary>
    /// What is charged to the key after the resource was served, by <c>QuotaDecision.Charge</c>: a name of your own such as
    /// <c>tokens</c>, or one that the host knows, such as <c>response-bytes</c>. A charge can drive a key into debt, and is never refused.
    /// <see langword="null"/>, the default: nothing.
    /// </summary>
    public string? Charge { get; init; }

    /// <summary>
    /// Lets resources that are over the limit wait instead of being rejected, where the caller can wait
    /// (<c>DecideAsync</c>). <see langword="null"/>, the default: none wait, but for the first lease of a key with
    /// <see cref="ColdStartBehavior.Wait"/>.
    /// </summary>
    public RuleQueue? Queue { get; init; }

    /// <summary>
    /// Resources that the rule leaves alone, as <c>part=value</c>: <c>client-ip=10.0.0.0/8</c>, <c>header:X-Api-Key=internal</c>. The part is
    /// any key part, also one that is not in <see cref="Key"/>; the value is compared exactly, or is a network (CIDR). Default: none.
    /// </summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary>Resources that the rule always rejects, written as in <see cref="Allow"/>, which goes first. Default: none.</summary>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>Whether the quota belongs to this process or to all sidecars of a domain. Default: <see cref="RuleScope.Local"/>.</summary>
    public RuleScope Scope { get; init; } = RuleScope.Local;

    /// <summary>
    /// Shared rules only: what happens while this process is cut off from the others. Default: <see cref="PartitionBehavior.Share"/>.
    /// </summary>
    public PartitionBehavior OnPartition { get; init; } = PartitionBehavior.Share;

    /// <summary>
    /// Shared rules only: what happens to the first use of a key in this process. Default: <see cref="ColdStartBehavior.Optimistic"/>.
    /// </summary>
    public ColdStartBehavior ColdStart { get; init; } = ColdStartBehavior.Optimistic;

    /// <summary>Whether going over the limit rejects, or is only counted. Default: <see cref="RuleMode.Enforce"/>.</summary>
    public RuleMode Mode { get; init; } = RuleMode.Enforce;

    /// <summary>
    /// The share of keys that the rule is enforced for, 0 to 100 percent; for the others it is in shadow mode. The same keys as long as
    /// <c>QuotaLimiterOptions.HashSecret</c> is the same, which by default is as long as the limiter lives; a higher share includes the keys
    /// of a lower one. Default: 100.
    /// </summary>
    public int EnforcePercent { get; init; } = 100;

    /// <summary>What happens to a resource that lacks one of the key parts. Default: <see cref="MissingKeyBehavior.Empty"/>.</summary>
    public MissingKeyBehavior OnMissingKey { get; init; } = MissingKeyBehavior.Empty;

    /// <summary>
    /// What happens to a resource whose match or key cannot be computed because a key source throws. Default:
    /// <see cref="RuleErrorBehavior.Open"/>.
    /// </summary>
    public RuleErrorBehavior OnError { get; init; } = RuleErrorBehavior.Open;

    /// <summary>The most permits that a key can hold: the burst of a token bucket, otherwise the limit.</summary>
    public long Capacity => Algorithm == RateLimitAlgorithm.TokenBucket && Limit > 0 ? Burst ?? Limit : Limit;

    /// <summary>
    /// The length of a window, for people and headers: <see cref="Window"/>, the longest that one of <see cref="Calendar"/> nominally has (31
    /// days for a month), or zero for <see cref="RateLimitAlgorithm.Concurrency"/>.
    /// </summary>
    public TimeSpan NominalWindow => Calendar switch
    {
        CalendarPeriod.Minute => TimeSpan.FromMinutes(1),
        CalendarPeriod.Hour => TimeSpan.FromHours(1),
        CalendarPeriod.Day => TimeSpan.FromDays(1),
        CalendarPeriod.Month => TimeSpan.FromDays(31),
        _ => Window,
    };
}

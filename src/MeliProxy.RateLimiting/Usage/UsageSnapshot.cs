namespace MeliProxy.RateLimiting.Usage;

/// <summary>What was counted in a short time, usually a second. Snapshots of one process follow each other without gap or overlap.</summary>
public sealed record UsageSnapshot
{
    /// <summary>What the process is called, the same in all its snapshots and unlike any other's.</summary>
    public required string Node { get; init; }

    /// <summary>When the time began: the <see cref="To"/> of the snapshot before.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>
    /// When the time ended: a whole second, but for the last snapshot before the process ends. Later than that of all snapshots before, so that
    /// a node's name and this tell a snapshot from all others.
    /// </summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>By rule, those that did nothing in this time left out.</summary>
    public IReadOnlyList<RuleUsage> Rules { get; init; } = [];

    /// <summary>By route and class of status, those without a request in this time left out.</summary>
    public IReadOnlyList<RouteUsage> Routes { get; init; } = [];

    /// <summary>The keys that use each rule most, of about the last ten minutes; empty in most snapshots, as they change slowly.</summary>
    public IReadOnlyList<TopKey> TopKeys { get; init; } = [];

    /// <summary>How the process stands at the end of the time.</summary>
    public required NodeUsage State { get; init; }
}

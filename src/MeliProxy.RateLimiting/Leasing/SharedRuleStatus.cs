namespace MeliProxy.RateLimiting.Leasing;

/// <summary>What a shared rule promises now.</summary>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Bound">
/// The most permits of one key that all members together admit within one window now: what the rule gives out, which for a token bucket is
/// its burst and its limit; twice the cold-start allowances of all members, as a lease may end and another begin within the window; and while
/// this process is cut off, what <see cref="Rules.RateLimitRule.OnPartition"/> gives each member last known, since all may be cut off from each
/// other. <see langword="null"/>: there is no bound, as it is cut off and the rule is <see cref="Rules.PartitionBehavior.Open"/>; or nobody has
/// ever told how many members there are, and each adds to it.
/// </param>
/// <param name="IsCutOff">Whether this process follows <see cref="Rules.RateLimitRule.OnPartition"/> for some of its keys.</param>
public readonly record struct SharedRuleStatus(string Rule, long? Bound, bool IsCutOff);

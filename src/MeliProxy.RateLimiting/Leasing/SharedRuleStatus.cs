namespace MeliProxy.RateLimiting.Leasing;

/// <summary>What a shared rule promises now.</summary>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Bound">
/// The most permits of one key that all members together admit within one window now: what the rule gives out, twice the cold-start
/// allowances of all members, as a lease may end and another begin within the window, and what this process adds while it is cut off.
/// <see langword="null"/>: there is no bound, as it is cut off and the rule is <see cref="Rules.PartitionBehavior.Open"/>; or there are such
/// allowances, and it is not known yet how many members have them.
/// </param>
/// <param name="IsCutOff">Whether this process follows <see cref="Rules.RateLimitRule.OnPartition"/> for some of its keys.</param>
public readonly record struct SharedRuleStatus(string Rule, long? Bound, bool IsCutOff);

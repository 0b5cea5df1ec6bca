using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting;

/// <summary>What became of the resources that a rule applied to, counted since the limiter began or the rule first had this name.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Allowed">The resource passed, and the rule agreed.</param>
/// <param name="Limited">The rule rejected the resource, alone or with others.</param>
/// <param name="ShadowLimited">The rule would have rejected the resource, but is in shadow mode, for all keys or for this one.</param>
/// <param name="Delayed">The resource passed after it had waited for this rule; also counted as allowed.</param>
/// <param name="Failed">A key source or match threw, and <see cref="RateLimitRule.OnError"/> decided.</param>
/// <param name="NoRoom">The key found no room, and <see cref="QuotaLimiterOptions{TResource}.KeyCap"/> decided.</param>
public readonly record struct RuleCounts(
    RateLimitRule Rule, long Allowed, long Limited, long ShadowLimited, long Delayed, long Failed, long NoRoom);

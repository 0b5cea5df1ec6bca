using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting;

/// <summary>One of the keys that use a rule most, see <see cref="QuotaLimiter{TResource}.GetTopKeys"/>.</summary>
/// <param name="Rule">The <see cref="RateLimitRule.Name"/> of the rule.</param>
/// <param name="Key">
/// The values of the key's parts, in the order of <see cref="RateLimitRule.Key"/>; empty for a part that is missing, as in
/// <see cref="RuleOverride.Key"/>. Of a key of more than 256 characters, parts that are longer than an equal share of these are cut and end in
/// <c>…</c>.
/// </param>
/// <param name="Hits">
/// How often the rule judged the key in about the last ten minutes: what <see cref="RuleCounts"/> counts as allowed, limited or limited in
/// shadow mode. Hits fade as in a load average, to 1/e in ten minutes, so a key that is hit steadily shows its hits of ten minutes.
/// </param>
/// <param name="Limited">How many of them were over the limit: rejected by the rule, or in shadow mode for this key not rejected.</param>
/// <param name="Error">
/// By how much <paramref name="Hits"/> can be too high at most, as the key may have taken the place of another; some of
/// <paramref name="Limited"/> may be missing then. What sampling adds is told at <see cref="QuotaLimiter{TResource}.GetTopKeys"/>.
/// </param>
public readonly record struct TopKey(string Rule, IReadOnlyList<string> Key, long Hits, long Limited, long Error);

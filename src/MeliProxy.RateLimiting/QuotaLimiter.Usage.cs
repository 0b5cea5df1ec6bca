using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    /// <summary>The keys that use a rule most, of late.</summary>
    /// <param name="rule">The name of a rule in force; <see langword="null"/>: of all rules.</param>
    /// <returns>
    /// Up to <see cref="QuotaLimiterOptions{TResource}.TopKeys"/> keys of each rule, by <see cref="TopKey.Hits"/>, the heaviest first; none if
    /// there is no such rule.
    /// </returns>
    /// <remarks>
    /// <para>
    /// A rule follows 2 * TopKeys + 200 keys, whatever keys come. Of the hits that it had in about the last ten minutes,
    /// <see cref="TopKey.Error"/> is at most the share of one of these, by default 1/400; and a key of more than 1/TopKeys, by default 1/100, is
    /// always told.
    /// </para>
    /// <para>
    /// A thread that makes more than 10,000 decisions a second counts one of n of them, chosen at random, for n. n is a power of two, at most
    /// about a 5,000th of its decisions a second. So a key of h hits is told with a standard deviation of at most the root of n * h, beyond
    /// the error above: 0.6 % for a key of a hundredth of the hits of ten minutes.
    /// </para>
    /// <para>
    /// Figures stay with the name of a rule as long as it is in force and has the same <see cref="RateLimitRule.Key"/>.
    /// </para>
    /// </remarks>
    public IReadOnlyList<TopKey> GetTopKeys(string? rule = null)
    {
        long now = _engine.Clock.Now().Units;
        return
        [
            .. _rules.Rules
                .Where(r => rule is null || r.Rule.Name == rule)
                .SelectMany(r => r.Usage?.Read(now) ?? [])
                .OrderByDescending(key => key.Hits),
        ];
    }

    /// <summary>Lets rules go on with the figures of those whose place they take.</summary>
    private void FollowUsage(BoundRule<TResource>[] rules, BoundRule<TResource>[] last)
    {
        if (_options.TopKeys == 0)
        {
            return;
        }

        Dictionary<string, BoundRule<TResource>> byName = last.ToDictionary(rule => rule.Rule.Name, StringComparer.Ordinal);
        long now = _engine.Clock.Now().Units;
        foreach (BoundRule<TResource> rule in rules)
        {
            bool goesOn = byName.TryGetValue(rule.Rule.Name, out BoundRule<TResource>? before) && before.Rule.Key.SequenceEqual(rule.Rule.Key);
            rule.Follow(goesOn ? before!.Usage! : new HeavyHitters(rule.Rule.Name, rule.Rule.Key.Count, _options.TopKeys, now));
        }
    }

    /// <summary>Counts a decision by its keys.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Observe(BoundRule<TResource>[] rules, ReadOnlySpan<PendingTake> takes, TResource resource, in UsageSample sample)
    {
        foreach (ref readonly PendingTake take in takes)
        {
            if (!sample.IsRejection || !take.IsWithin)
            {
                rules[take.Rule].Observe(resource, take, sample);
            }
        }
    }
}

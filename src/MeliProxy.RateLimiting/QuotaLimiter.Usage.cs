using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource> : IUsageSource
{
    /// <summary>How many of a rule's keys are looked up to tell how much of its quota is used.</summary>
    private const int KeysForShare = 20;

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
                .SelectMany(r => r.Usage?.Read(_options.TopKeys, now) ?? [])
                .OrderByDescending(key => key.Hits),
        ];
    }

    IReadOnlyList<TopKey> IUsageSource.GetTopKeys(int perRule)
    {
        long now = _engine.Clock.Now().Units;
        return [.. _rules.Rules.SelectMany(r => r.Usage?.Read(Math.Min(perRule, _options.TopKeys), now) ?? [])];
    }

    IReadOnlyList<RuleUsage> IUsageSource.GetTotals()
    {
        BoundRuleSet<TResource> rules = _rules;
        Dictionary<int, BoundRule<TResource>> byRow = rules.Rules.ToDictionary(rule => rule.Row);
        string[] names = _engine.Counts.Names();
        RuleUsage[] totals = new RuleUsage[names.Length];
        QuotaInstant now = _engine.Clock.Now();
        for (int i = 0; i < totals.Length; i++)
        {
            int row = i + 1;
            BoundRule<TResource>? rule = byRow.GetValueOrDefault(row);
            totals[i] = new RuleUsage
            {
                Rule = names[i],
                Mode = rule is null || (rules.Source.Mode != RuleMode.Shadow && rule.Rule.Mode != RuleMode.Shadow)
                    ? RuleMode.Enforce
                    : RuleMode.Shadow,
                Allowed = _engine.Counts.Sum(row, RuleOutcome.Allowed),
                Limited = _engine.Counts.Sum(row, RuleOutcome.Limited),
                ShadowLimited = _engine.Counts.Sum(row, RuleOutcome.ShadowLimited),
                Delayed = _engine.Counts.Sum(row, RuleOutcome.Delayed),
                Failed = _engine.Counts.Sum(row, RuleOutcome.Failed),
                NoRoom = _engine.Counts.Sum(row, RuleOutcome.NoRoom),
                FailOpen = _engine.Counts.Sum(row, RuleOutcome.FailOpen),
                Cost = _engine.Counts.Sum(row, RuleOutcome.Cost),
                UsedShare = rule is null ? 0 : UsedShare(rule, now),
                DecisionTime = _engine.Counts.Times(row),
            };
        }

        return totals;
    }

    bool IUsageSource.IsTimed
    {
        get => _engine.IsTimed;
        set => _engine.IsTimed = value;
    }

    /// <summary>The largest share of its quota that any of the rule's heaviest keys has used.</summary>
    private double UsedShare(BoundRule<TResource> rule, in QuotaInstant now)
    {
        Span<KeyHash> heaviest = stackalloc KeyHash[KeysForShare];
        int count = rule.Usage?.ReadHeaviest(heaviest, rule.Identity) ?? 0;
        double most = 0;
        foreach (KeyHash key in heaviest[..count])
        {
            PendingTake take = new() { Hash = key.With(rule.Kind), Cost = 1 };
            take.Limit = rule.LimitFor(take.Hash);
            if (rule.Leases is { IsAnyCutOff: true })
            {
                rule.FallBack(_engine.Table, ref take, now);
            }

            Limit limit = DecisionEngine.LimitOf(rule, ref take.Limit, now).Limit;
            if (limit.Counts && _engine.Table.Find(take.Hash, out KeyState state) >= 0)
            {
                most = Math.Max(most, limit.Used(state, now));
            }
        }

        return most;
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

    /// <summary>Records what there is to be told of a decision beyond its outcome.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Observe(
        BoundRule<TResource>[] rules,
        ReadOnlySpan<PendingTake> takes,
        int count,
        int unjudged,
        TResource resource,
        in QuotaDecision decision,
        in UsageSample sample,
        long began)
    {
        if (sample.Weight > 0)
        {
            Observe(rules, takes[..count], resource, sample);
        }

        for (int i = 1; i <= unjudged && decision.IsAllowed; i++)
        {
            _engine.Counts.Add(rules[takes[rules.Length - i].Rule].Row, RuleOutcome.FailOpen);
        }

        if (began != DecisionEngine.NotTimed)
        {
            _engine.EndTiming(rules, takes[..count], began);
        }
    }

    /// <summary>Counts a decision by its keys.</summary>
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

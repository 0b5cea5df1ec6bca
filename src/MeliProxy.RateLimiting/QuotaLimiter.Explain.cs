using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    /// <summary>Tells what each rule would make of a resource now. Takes nothing and is not counted.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>One explanation for each rule, in the order of the rules.</returns>
    public IReadOnlyList<RuleExplanation> Explain(TResource resource)
    {
        QuotaInstant now = _clock.Now();
        return [.. _rules.Rules.Select(rule => Explain(rule, resource, now))];
    }

    private RuleExplanation Explain(BoundRule<TResource> rule, TResource resource, in QuotaInstant now)
    {
        RuleApplicability applicability = RuleApplicability.NotMatched;
        string?[] key = [];
        bool allowed = true;
        QuotaStanding standing = default;
        if (rule.Matches(resource))
        {
            key = rule.DescribeKey(resource);
            applicability = RuleApplicability.KeyMissing;
            if (rule.TryHashKey(resource, stackalloc char[KeyCharactersOnStack], out KeyHash hash))
            {
                applicability = RuleApplicability.Applies;
                Read(hash, rule.Limit, now, out long state);
                allowed = rule.Limit.TryTake(state, rule.Rule.Cost, now, out _);
                standing = rule.Limit.Standing(state, rule.Rule.Cost, now);
            }
        }

        return new RuleExplanation
        {
            Rule = rule.Rule,
            Applicability = applicability,
            Key = key,
            IsAllowed = allowed,
            Remaining = standing.Remaining,
            ResetAfter = standing.ResetAfter,
            RetryAfter = standing.RetryAfter,
        };
    }
}

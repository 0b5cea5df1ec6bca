using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    /// <summary>Tells what each rule would make of a resource now. Takes nothing and is not counted.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>One explanation for each rule, in the order of the rules.</returns>
    public IReadOnlyList<RuleExplanation> Explain(TResource resource)
    {
        QuotaInstant now = _engine.Clock.Now();
        return [.. _rules.Rules.Select(rule => Explain(rule, resource, now))];
    }

    private RuleExplanation Explain(BoundRule<TResource> rule, TResource resource, in QuotaInstant now)
    {
        RuleApplicability applicability;
        PendingTake take = default;
        string?[] key = [];
        string? failure = null;
        try
        {
            applicability = Judge(rule, resource, ref take, out key);
        }
        catch (Exception e)
        {
            applicability = RuleApplicability.Failed;
            take.Limit = BoundRule.FailedLimit;
            failure = e.Message;
        }

        if (rule.Leases is { IsAnyCutOff: true })
        {
            rule.FallBack(_engine.Table, ref take, now);
        }

        BoundLimit bound = DecisionEngine.LimitOf(rule, ref take.Limit, now);
        Limit limit = bound.Limit;
        bool allowed = true;
        QuotaStanding standing = default;
        if (applicability is RuleApplicability.Applies or RuleApplicability.Denied
            || (applicability == RuleApplicability.Failed && rule.Rule.OnError == RuleErrorBehavior.Closed))
        {
            long cost = Math.Max(rule.Rule.Cost, 1);
            KeyState state = default;
            if (limit.Counts && _engine.Table.Find(take.Hash, out state) < 0)
            {
                state = limit.Fresh(take.Hash, now);
            }

            allowed = limit.TryTake(state, cost, now, out _);
            standing = limit.Standing(state, cost, now);
        }

        return new RuleExplanation
        {
            Rule = bound.Rule,
            Applicability = applicability,
            Key = key,
            Override = bound.Override,
            Failure = failure,
            IsEnforced = rule.Enforces(take.Hash),
            IsAllowed = allowed,
            Remaining = standing.Remaining,
            ResetAfter = standing.ResetAfter,
            RetryAfter = allowed ? TimeSpan.Zero : standing.RetryAfter,
        };
    }

    private static RuleApplicability Judge(BoundRule<TResource> rule, TResource resource, ref PendingTake take, out string?[] key)
    {
        Span<char> buffer = stackalloc char[KeyCharacters.Count];
        key = [];
        if (!rule.Matches(resource))
        {
            return RuleApplicability.NotMatched;
        }

        key = rule.DescribeKey(resource);
        (bool exempt, bool denied) = rule.FindInLists(resource, buffer);
        return exempt ? RuleApplicability.Exempt
            : !rule.TryPrepare(resource, buffer, ref take) ? RuleApplicability.KeyMissing
            : denied ? RuleApplicability.Denied
            : RuleApplicability.Applies;
    }
}

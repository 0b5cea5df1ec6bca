using System.Threading.RateLimiting;
using MeliProxy.RateLimiting.Limiting;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    /// <summary>The permits that the resource could take now, and the decisions made since the start.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>Statistics, never <see langword="null"/>.</returns>
    public override RateLimiterStatistics? GetStatistics(TResource resource)
    {
        long available = long.MaxValue;
        foreach (RuleExplanation explanation in Explain(resource))
        {
            if (explanation.IsEnforced && explanation.Applicability is RuleApplicability.Applies or RuleApplicability.Denied)
            {
                available = Math.Min(available, explanation.Remaining / Math.Max(explanation.Rule.Cost, 1));
            }
        }

        return new RateLimiterStatistics
        {
            CurrentAvailablePermits = available,
            CurrentQueuedCount = QueuedCount,
            TotalSuccessfulLeases = _engine.Counts.Sum(OutcomeCounts.DecisionRow, RuleOutcome.Allowed),
            TotalFailedLeases = _engine.Counts.Sum(OutcomeCounts.DecisionRow, RuleOutcome.Limited),
        };
    }

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(TResource resource, int permitCount) =>
        QuotaLease.For(Decide(resource, permitCount));

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(
        TResource resource, int permitCount, CancellationToken cancellationToken)
    {
        ValueTask<QuotaDecision> decision = DecideAsync(resource, permitCount, isRefundable: false, cancellationToken);
        return decision.IsCompletedSuccessfully ? ValueTask.FromResult<RateLimitLease>(QuotaLease.For(decision.Result)) : Wait(decision);

        static async ValueTask<RateLimitLease> Wait(ValueTask<QuotaDecision> decision) => QuotaLease.For(await decision);
    }
}

using System.Threading.RateLimiting;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;

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
            if (explanation is { Applicability: RuleApplicability.Applies, Rule.Mode: RuleMode.Enforce })
            {
                available = Math.Min(available, explanation.Remaining / explanation.Rule.Cost);
            }
        }

        return new RateLimiterStatistics
        {
            CurrentAvailablePermits = available,
            TotalSuccessfulLeases = _counts.Allowed,
            TotalFailedLeases = _counts.Rejected,
        };
    }

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(TResource resource, int permitCount)
    {
        QuotaDecision decision = Decide(resource, permitCount);
        return decision.IsAllowed ? QuotaLease.Allowed : new QuotaLease(decision);
    }

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(
        TResource resource, int permitCount, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<RateLimitLease>(cancellationToken)
            : ValueTask.FromResult(AttemptAcquireCore(resource, permitCount));
}

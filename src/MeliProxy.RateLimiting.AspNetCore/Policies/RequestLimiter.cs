using System.Threading.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.Charges;
using MeliProxy.RateLimiting.AspNetCore.Responses;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Policies;

/// <summary>Asks a quota limiter about one request.</summary>
/// <remarks>
/// Servers use the same context for later requests, and the framework may ask only the second time, so what is kept of a request is kept in
/// its items.
/// </remarks>
internal sealed class RequestLimiter(QuotaLimiter<HttpContext> limiter, HttpContext context) : RateLimiter
{
    /// <summary>Long enough for the framework to forget this limiter at its next round, which loses nothing.</summary>
    public override TimeSpan? IdleDuration => TimeSpan.MaxValue;

    public override RateLimiterStatistics? GetStatistics() => limiter.GetStatistics(context);

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        RequestLease lease = Lease(limiter.Decide(context, permitCount));
        if (!lease.IsAcquired)
        {
            context.Items[this] = lease;
        }

        return lease;
    }

    /// <remarks>
    /// The framework asks again when it is rejected at once. Where nothing can wait, that is the same rejection, counted once.
    /// </remarks>
    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) =>
        context.Items.Remove(this, out object? kept) && kept is RequestLease rejected && !limiter.Rules.Any(RuleDemands.LetsWait)
            ? rejected
            : Lease(await limiter.DecideAsync(context, permitCount, cancellationToken: cancellationToken));

    private RequestLease Lease(in QuotaDecision decision)
    {
        if (decision.IsAllowed)
        {
            QuotaResponse.AddHeaders(context, decision);
            if (decision.IsUnsettled)
            {
                context.Features.Set(new QuotaDecisionFeature(decision));
            }
        }

        return new RequestLease(decision);
    }
}

using System.Threading.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace MeliProxy.RateLimiting.AspNetCore.Policies;

/// <summary>A policy that leaves the decision to a quota limiter.</summary>
/// <remarks>
/// The framework wants one key for a request and a limiter for each key, where a quota limiter has a key for each rule and needs the whole
/// request. So the request itself is the key here, and its limiter asks the quota limiter about it.
/// </remarks>
internal sealed class QuotaPolicy(Func<HttpContext, QuotaLimiter<HttpContext>> find) : IRateLimiterPolicy<HttpContext>
{
    public Func<OnRejectedContext, CancellationToken, ValueTask>? OnRejected { get; } = RejectAsync;

    public RateLimitPartition<HttpContext> GetPartition(HttpContext httpContext) =>
        new(httpContext, context => new RequestLimiter(find(context), context));

    private static ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken cancellationToken) =>
        rejected.Lease is RequestLease lease
            ? new ValueTask(QuotaResponse.RejectAsync(rejected.HttpContext, lease.Decision))
            : ValueTask.CompletedTask;
}

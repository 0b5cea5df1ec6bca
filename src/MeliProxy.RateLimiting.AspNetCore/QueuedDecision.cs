using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore;

/// <summary>Decides about requests that may wait in the queues of rules.</summary>
internal static class QueuedDecision
{
    // The one place to switch to the limiter's own DecideAsync(context, permits, isRefundable: false, cancellationToken).
    public static ValueTask<QuotaDecision> DecideAsync(
        QuotaLimiter<HttpContext> limiter, HttpContext context, int permits, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<QuotaDecision>(cancellationToken)
            : ValueTask.FromResult(limiter.Decide(context, permits));
}

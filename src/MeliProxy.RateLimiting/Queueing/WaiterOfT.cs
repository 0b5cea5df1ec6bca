namespace MeliProxy.RateLimiting.Queueing;

/// <summary>A resource that waits, and what it asks for.</summary>
internal sealed class Waiter<TResource>(
    QuotaLimiter<TResource> limiter, TResource resource, int permits, bool isRefundable, QueueableRejection rejection) : Waiter(rejection)
{
    public override QuotaDecision Decide(out QueueableRejection? rejection) =>
        limiter.Decide(resource, permits, isRefundable, this, out rejection);

    public override void Count(QueueableRejection rejection) => limiter.CountRejection(resource, rejection);
}

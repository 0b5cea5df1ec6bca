using System.Buffers;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Queueing;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    /// <summary>Resources that wait now, see <see cref="DecideAsync"/>.</summary>
    public int QueuedCount => _engine.Queues.Count;

    /// <summary>How many keys are waited for.</summary>
    internal int QueuedKeyCount => _engine.Queues.Keys;

    /// <summary>
    /// Decides as <see cref="Decide(TResource, int, bool)"/> does, but lets a resource wait that rules with a <see cref="RateLimitRule.Queue"/>
    /// reject for want of permits.
    /// </summary>
    /// <param name="resource">
    /// The resource. Its keys are computed again each time it is tried, by any thread, until the decision is made.
    /// </param>
    /// <param name="permits">
    /// How many times each rule's cost is taken; 0 takes nothing and decides as 1 would.
    /// </param>
    /// <param name="isRefundable">
    /// Whether the permits can be given back by <see cref="QuotaDecision.Refund"/>; the decision then is <see cref="QuotaDecision.IsUnsettled"/>.
    /// </param>
    /// <param name="cancellationToken">
    /// Ends the wait. The resource leaves its queue and takes nothing, unless it is passing at that moment.
    /// </param>
    /// <returns>
    /// The decision, at once where the resource passes, or where a rule rejects it that has no queue or for another reason than want of permits,
    /// or where the permits would come too late or there is no room in the queue. Otherwise when it has passed, or as a rejection
    /// when it has waited for <see cref="RuleQueue.MaxWait"/> or the limiter is disposed of.
    /// </returns>
    /// <remarks>
    /// Resources wait in order of arrival for a key of the rule that makes them wait longest, and may have to wait for another rule afterwards,
    /// within the same time. As long as any wait for a key, the rule rejects all others, also in <see cref="Decide(TResource)"/>.
    /// Waits count once in <see cref="GetRuleCounts"/>, when they are over; cancelled ones do not.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="permits"/> is negative.</exception>
    /// <exception cref="OperationCanceledException">Through the task: <paramref name="cancellationToken"/> was cancelled.</exception>
    public ValueTask<QuotaDecision> DecideAsync(
        TResource resource, int permits = 1, bool isRefundable = false, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<QuotaDecision>(cancellationToken);
        }

        if (!_rules.HasQueues)
        {
            return new ValueTask<QuotaDecision>(Decide(resource, permits, isRefundable));
        }

        QuotaDecision decision = Decide(resource, permits, isRefundable, waiter: null, out QueueableRejection? rejection);
        return rejection is null
            ? new ValueTask<QuotaDecision>(decision)
            : Wait(new Waiter<TResource>(this, resource, permits, isRefundable, rejection), cancellationToken);
    }

    /// <summary>Decides for a resource that can wait, or waits already.</summary>
    internal QuotaDecision Decide(TResource resource, int permits, bool isRefundable, Waiter? waiter, out QueueableRejection? rejection)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(permits);
        BoundRule<TResource>[] rules = _rules.Rules;
        PendingTake[] takes = ArrayPool<PendingTake>.Shared.Rent(rules.Length);
        try
        {
            // What is tried again was timed when it came: the wait is no part of it.
            long began = waiter is null ? _engine.BeginTiming() : DecisionEngine.NotTimed;
            int count = Prepare(rules, resource, permits, takes, out int unjudged);
            QuotaDecision decision = _engine.Decide(
                rules, takes.AsSpan(0, count), isRefundable, waiter, out rejection, out UsageSample sample);
            Observe(rules, takes, count, unjudged, resource, decision, sample, began);
            return decision;
        }
        finally
        {
            ArrayPool<PendingTake>.Shared.Return(takes);
        }
    }

    /// <summary>Counts a rejection that was not counted yet. Runs key sources.</summary>
    internal void CountRejection(TResource resource, QueueableRejection rejection)
    {
        UsageSample sample = _engine.CountRejection(rejection.Rules, rejection.Takes, rejection.Now);
        if (sample.Weight > 0)
        {
            Observe((BoundRule<TResource>[])rejection.Rules, rejection.Takes, resource, sample);
        }
    }

    private ValueTask<QuotaDecision> Wait(Waiter<TResource> waiter, CancellationToken cancellationToken)
    {
        _engine.Queues.Enqueue(waiter, cancellationToken);
        return new ValueTask<QuotaDecision>(waiter.Task);
    }
}

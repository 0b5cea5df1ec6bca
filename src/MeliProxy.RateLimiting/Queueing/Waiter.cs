using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Queueing;

/// <summary>
/// A resource that waits. Whoever takes it out of its queue, under the lock of <see cref="KeyQueues"/> which guards the members, completes it.
/// </summary>
internal abstract class Waiter(QueueableRejection rejection)
    : TaskCompletionSource<QuotaDecision>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>What became of it when it was last tried.</summary>
    public QueueableRejection Rejection { get; set; } = rejection;

    public CancellationToken CancellationToken { get; set; }

    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>The order of arrival, over all queues.</summary>
    public long Number { get; set; }

    /// <summary>When it is rejected for good, in <see cref="QuotaInstant.Units"/>.</summary>
    public long Deadline { get; set; }

    /// <summary>When something has to happen: the deadline, or for the first of a queue the next try if that is earlier.</summary>
    public long Due { get; set; }

    /// <summary>The queue that it is in.</summary>
    public KeyQueue? Queue { get; set; }

    /// <summary>How often it has joined a queue.</summary>
    public int Moves { get; set; }

    public Waiter? Before { get; set; }

    public Waiter? Behind { get; set; }

    /// <summary>Whether it is being tried now, outside the lock. Only the one who tries it takes it out then.</summary>
    public bool IsTried { get; set; }

    /// <summary>Whether it was cancelled before it was completed.</summary>
    public bool IsCanceled { get; set; }

    /// <summary>Whether it was taken out, to be completed.</summary>
    public bool IsDone { get; set; }

    /// <summary>Tries to pass. Runs key sources and matches, so never under a lock.</summary>
    /// <param name="rejection">Set if it is rejected by rules that let it wait; the rejection then is not counted yet.</param>
    public abstract QuotaDecision Decide(out QueueableRejection? rejection);

    /// <summary>Counts it as rejected. Runs key sources, so never under a lock.</summary>
    public abstract void Count(QueueableRejection rejection);
}

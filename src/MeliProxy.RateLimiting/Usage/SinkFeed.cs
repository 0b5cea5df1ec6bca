namespace MeliProxy.RateLimiting.Usage;

/// <summary>Hands snapshots to a sink, one at a time and in order, also if it throws; and holds up nobody but itself if it hangs.</summary>
/// <param name="sink">The sink.</param>
/// <param name="onError">Told of what it throws.</param>
internal sealed class SinkFeed(IUsageSink sink, Action<string, Exception> onError)
{
    /// <summary>How many snapshots wait for a sink that hangs.</summary>
    internal const int Room = 60;

    private readonly Lock _lock = new();
    private readonly Queue<UsageSnapshot> _waiting = new();
    private TaskCompletionSource? _drained;
    private bool _isBusy;
    private bool _hasFailed;
    private long _dropped;

    public string Name => sink.Name;

    /// <summary>How the sink fares, with what it was not handed yet.</summary>
    public SinkStatus Status
    {
        get
        {
            int waiting;
            long dropped;
            lock (_lock)
            {
                (waiting, dropped) = (_waiting.Count, _dropped);
            }

            SinkStatus status = sink.Status;
            return waiting == 0 && dropped == 0 ? status : status with
            {
                Queued = status.Queued + waiting,
                Dropped = status.Dropped + dropped,
                Problem = status.Problem ?? (waiting > 0 ? "does not return from taking a snapshot" : null),
            };
        }
    }

    /// <summary>Adds a snapshot to those that wait; the oldest gives way if there are too many.</summary>
    public void Enqueue(UsageSnapshot snapshot)
    {
        lock (_lock)
        {
            if (_waiting.Count == Room)
            {
                _waiting.Dequeue();
                _dropped++;
            }

            _waiting.Enqueue(snapshot);
        }
    }

    /// <summary>Hands over all that wait, unless another thread is at it.</summary>
    public void Pump()
    {
        lock (_lock)
        {
            if (_isBusy)
            {
                return;
            }

            _isBusy = true;
        }

        while (TryDequeue(out UsageSnapshot? snapshot))
        {
            try
            {
                sink.Take(snapshot);
                _hasFailed = false;
            }
            catch (Exception e)
            {
                if (!_hasFailed)
                {
                    _hasFailed = true;
                    onError(sink.Name, e);
                }
            }
        }
    }

    /// <summary>Completes once nothing waits and nothing is being handed over.</summary>
    public Task WhenDrained()
    {
        lock (_lock)
        {
            return !_isBusy && _waiting.Count == 0
                ? Task.CompletedTask
                : (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private bool TryDequeue([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out UsageSnapshot? snapshot)
    {
        lock (_lock)
        {
            if (_waiting.TryDequeue(out snapshot))
            {
                return true;
            }

            _isBusy = false;
            _drained?.SetResult();
            _drained = null;
            return false;
        }
    }
}

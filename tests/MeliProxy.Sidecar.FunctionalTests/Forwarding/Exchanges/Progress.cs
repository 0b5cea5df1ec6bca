namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

/// <summary>How far an exchange has come. It is what puts the steps of client and upstream in order, so that no step depends on time.</summary>
internal sealed class Progress
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Milestone, long> _counts = [];
    private readonly List<(Milestone Milestone, long Count, TaskCompletionSource Reached)> _waiting = [];
    private bool _ended;

    public void Advance(Milestone milestone, long by = 1)
    {
        lock (_lock)
        {
            long count = _counts[milestone] = _counts.GetValueOrDefault(milestone) + by;
            Release(waiting => waiting.Milestone == milestone && waiting.Count <= count);
        }
    }

    /// <summary>The client has nothing more to come: whoever waits goes on.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            Release(_ => true);
        }
    }

    public async Task ReachedAsync(Milestone milestone, long count, CancellationToken cancellationToken)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_ended || _counts.GetValueOrDefault(milestone) >= count)
            {
                return;
            }

            _waiting.Add((milestone, count, reached));
        }

        await reached.Task.WaitAsync(cancellationToken);
    }

    private void Release(Predicate<(Milestone Milestone, long Count, TaskCompletionSource Reached)> which)
    {
        foreach ((Milestone, long, TaskCompletionSource Reached) waiting in _waiting.FindAll(which))
        {
            waiting.Reached.SetResult();
        }

        _waiting.RemoveAll(which);
    }
}

namespace MeliProxy.RateLimiting.Usage;

/// <summary>What a thread holds of a <see cref="TrafficRecorder"/>. Finalized when the thread has ended, so that another takes over its rows.</summary>
internal sealed class TrafficCells
{
    private readonly WeakReference<TrafficRecorder> _owner;

    public TrafficCells(TrafficRecorder owner)
    {
        _owner = new WeakReference<TrafficRecorder>(owner);
        Rows = owner.Take();
    }

    ~TrafficCells()
    {
        if (_owner.TryGetTarget(out TrafficRecorder? owner))
        {
            owner.GiveBack(Rows);
        }
    }

    public TrafficRows Rows { get; }
}

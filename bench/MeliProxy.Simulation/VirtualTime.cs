namespace MeliProxy.Simulation;

/// <summary>Runs actions in the order of their time, which passes only by that.</summary>
public sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (long At, long Order)> _actions = new();
    private long _order;

    /// <summary>Nanoseconds since the start.</summary>
    public long Now { get; private set; }

    /// <summary>Actions that were run.</summary>
    public long Steps { get; private set; }

    public double Seconds => Now / 1e9;

    public void At(long nanoseconds, Action action) => _actions.Enqueue(action, (Math.Max(nanoseconds, Now), _order++));

    public void After(TimeSpan delay, Action action) => At(Now + (delay.Ticks * 100), action);

    public void RunUntil(TimeSpan end)
    {
        long last = end.Ticks * 100;
        while (_actions.TryPeek(out _, out (long At, long Order) next) && next.At <= last)
        {
            Action action = _actions.Dequeue();
            Now = next.At;
            Steps++;
            action();
        }

        Now = last;
    }
}

namespace MeliProxy.RateLimiting.Usage;

/// <summary>A route of a <see cref="TrafficRecorder"/>.</summary>
public sealed class RecordedRoute
{
    private readonly TrafficRecorder _recorder;
    private readonly int _index;

    internal RecordedRoute(TrafficRecorder recorder, string name, int index)
    {
        _recorder = recorder;
        _index = index;
        Name = name;
    }

    /// <summary>What it is told by: its own name, or <c>other</c>.</summary>
    public string Name { get; }

    /// <summary>Records a request that has ended. Allocates nothing, but for the first lengths of time of a new magnitude on a thread.</summary>
    /// <param name="statusClass">The first digit of the status; what is none, as 0, means that it ended without an answer.</param>
    /// <param name="bytesIn">Bytes of the request's body.</param>
    /// <param name="bytesOut">Bytes of the response's body.</param>
    /// <param name="duration">From the arrival of the request's headers to the end of the response.</param>
    /// <param name="upstreamTime">From the start of forwarding to the headers of the response, if there were any.</param>
    public void Record(int statusClass, long bytesIn, long bytesOut, TimeSpan duration, TimeSpan? upstreamTime)
    {
        int place = (_index * TrafficRecorder.Classes) + (statusClass is > 0 and < TrafficRecorder.Classes ? statusClass : 0);
        _recorder.Mine().At(place).Record(bytesIn, bytesOut, duration, upstreamTime);
    }
}

namespace MeliProxy.RateLimiting.Usage;

/// <summary>What all threads have recorded of a route and a class of status.</summary>
internal sealed class TrafficSum
{
    public long BytesIn { get; set; }

    public long BytesOut { get; set; }

    public LatencySum Durations { get; } = new();

    public LatencySum UpstreamTimes { get; } = new();

    /// <summary>Each request has one duration, so they tell how many there were.</summary>
    public RouteUsage ToUsage(string route, int statusClass)
    {
        LatencyHistogram durations = Durations.ToHistogram();
        return new RouteUsage
        {
            Route = route,
            StatusClass = statusClass,
            Count = durations.Count,
            BytesIn = BytesIn,
            BytesOut = BytesOut,
            Duration = durations,
            UpstreamTime = UpstreamTimes.ToHistogram(),
        };
    }
}

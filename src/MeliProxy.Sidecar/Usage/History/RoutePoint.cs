using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.Sidecar.Usage.History;

/// <summary>What passed over a route in a step, of one class of status.</summary>
internal sealed class RoutePoint
{
    public long Count { get; set; }

    public long BytesIn { get; set; }

    public long BytesOut { get; set; }

    public LatencyHistogram Duration { get; set; } = LatencyHistogram.Empty;

    public LatencyHistogram UpstreamTime { get; set; } = LatencyHistogram.Empty;

    public void Add(RoutePoint other)
    {
        Count += other.Count;
        BytesIn += other.BytesIn;
        BytesOut += other.BytesOut;
        Duration = Duration.Add(other.Duration);
        UpstreamTime = UpstreamTime.Add(other.UpstreamTime);
    }
}

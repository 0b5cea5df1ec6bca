namespace MeliProxy.RateLimiting.Usage;

/// <summary>What passed over a route of a proxy or service, for one class of status.</summary>
public sealed record RouteUsage
{
    /// <summary>The name of the route; <c>none</c> for requests that came to no route, such as those over quota.</summary>
    public required string Route { get; init; }

    /// <summary>The first digit of the status, 1 to 5; 0 for requests that ended without an answer.</summary>
    public required int StatusClass { get; init; }

    /// <summary>Requests that ended.</summary>
    public long Count { get; init; }

    /// <summary>Bytes of request bodies.</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes of response bodies.</summary>
    public long BytesOut { get; init; }

    /// <summary>From the arrival of a request's headers to the end of its response.</summary>
    public LatencyHistogram Duration { get; init; } = LatencyHistogram.Empty;

    /// <summary>From the start of forwarding to the headers of the upstream's response; only of requests that were forwarded.</summary>
    public LatencyHistogram UpstreamTime { get; init; } = LatencyHistogram.Empty;
}

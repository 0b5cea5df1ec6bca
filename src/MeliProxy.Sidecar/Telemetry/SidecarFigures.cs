using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Forwarding.Direct;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>What a sidecar tells of itself. It is asked when someone collects, from any thread.</summary>
internal sealed record SidecarFigures
{
    /// <summary>The revision of the rules in force.</summary>
    public required Func<long> RulesRevision { get; init; }

    /// <summary>What has passed since the start, by route and class of status.</summary>
    public required Func<IReadOnlyList<RouteUsage>> Traffic { get; init; }

    /// <summary>Requests under way; <see langword="null"/> if traffic is not recorded.</summary>
    public required Func<long>? InFlight { get; init; }

    /// <summary>Which way requests were forwarded, and what went wrong.</summary>
    public required ForwardingCounts Forwarding { get; init; }

    /// <summary>Direct connections to upstreams that are open, and how many of them are idle.</summary>
    public required Func<(int Open, int Idle)> Connections { get; init; }

    /// <summary>How those fare that usage statistics go to.</summary>
    public required Func<IReadOnlyList<SinkStatus>> Sinks { get; init; }
}

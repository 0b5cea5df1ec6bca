using System.Diagnostics.Metrics;
using MeliProxy.Sidecar.Forwarding.Direct;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Shows which way requests are forwarded, and how upstreams and the connections to them fare.</summary>
internal static class ForwardingInstruments
{
    private static readonly (UpstreamFault Fault, KeyValuePair<string, object?> Tag)[] Faults =
        [.. Enum.GetValues<UpstreamFault>().Select(fault => (fault, new KeyValuePair<string, object?>("reason", UpstreamFaultNames.Of(fault))))];

    /// <param name="figures">The figures.</param>
    /// <param name="meter">What the instruments belong to.</param>
    public static void Create(SidecarFigures figures, Meter meter)
    {
        ForwardingCounts counts = figures.Forwarding;
        meter.CreateObservableCounter(
            "meliproxy.forwarding.requests",
            () => (Measurement<long>[])
            [
                new(counts.Direct.Value, new KeyValuePair<string, object?>("way", "direct")),
                new(counts.ByYarp.Value, new KeyValuePair<string, object?>("way", "yarp")),
            ],
            "{request}",
            "Requests that went straight to an upstream, and those that YARP forwarded.");
        meter.CreateObservableCounter(
            "meliproxy.upstream.faults",
            () => Faults.Select(each => new Measurement<long>(counts.Of(each.Fault), each.Tag)),
            "{fault}",
            "Direct exchanges that failed, and answers with something after their end, by reason.");
        meter.CreateObservableCounter(
            "meliproxy.upstream.connections.opened", () => counts.Connected.Value, "{connection}", "Direct connections that were made.");
        meter.CreateObservableCounter(
            "meliproxy.upstream.connections.stale",
            () => counts.Stale.Value,
            "{connection}",
            "Direct connections that the upstream had closed when they were to be used again.");
        meter.CreateObservableUpDownCounter(
            "meliproxy.upstream.connections",
            () =>
            {
                (int open, int idle) = figures.Connections();
                return (Measurement<int>[])
                [
                    new(idle, new KeyValuePair<string, object?>("state", "idle")),
                    new(open - idle, new KeyValuePair<string, object?>("state", "active")),
                ];
            },
            "{connection}",
            "Direct connections that are open.");
    }
}

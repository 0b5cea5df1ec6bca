using System.Diagnostics.Metrics;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Shows a sidecar's figures to whoever collects. They are read when that happens, so requests pay nothing for it.</summary>
internal sealed class SidecarInstruments : IDisposable
{
    public const string MeterName = "MeliProxy.Sidecar";

    private readonly Meter _meter = new(MeterName);
    private readonly SidecarFigures _figures;

    /// <param name="figures">The figures.</param>
    /// <param name="time">Says how old they are.</param>
    public SidecarInstruments(SidecarFigures figures, TimeProvider time)
    {
        _figures = figures;
        _ = new TrafficInstruments(figures, time, _meter);
        ForwardingInstruments.Create(figures, _meter);
        Latency = new LatencyInstruments(_meter, time);
        _meter.CreateObservableGauge("meliproxy.rules.revision", figures.RulesRevision, null, "The revision of the rules in force.");
        _meter.CreateObservableUpDownCounter(
            "meliproxy.usage.queued",
            () => BySink(status => status.Queued),
            "{snapshot}",
            "Snapshots of usage that a sink has not brought to their place yet.");
        _meter.CreateObservableCounter(
            "meliproxy.usage.dropped",
            () => BySink(status => status.Dropped),
            "{snapshot}",
            "Snapshots of usage that a sink had no room for or that were refused for good.");
        _meter.CreateObservableGauge(
            "meliproxy.usage.healthy",
            () => BySink(status => status.Problem is null ? 1 : 0),
            null,
            "1 while a sink of usage works, 0 while it has a problem.");
    }

    /// <summary>Takes how long requests took.</summary>
    public LatencyInstruments Latency { get; }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> BySink(Func<SinkStatus, long> figure) =>
        _figures.Sinks().Where(sink => sink.Name != LatencyInstruments.SinkName)
            .Select(sink => new Measurement<long>(figure(sink), new KeyValuePair<string, object?>("sink", sink.Name)));
}

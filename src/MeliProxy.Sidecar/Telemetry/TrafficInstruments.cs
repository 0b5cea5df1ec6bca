using System.Diagnostics.Metrics;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Shows how much has passed, by route and class of status.</summary>
internal sealed class TrafficInstruments
{
    /// <summary>Totals are added up over all threads and routes, so the instruments that are read together share them.</summary>
    private static readonly TimeSpan TotalsLife = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly SidecarFigures _figures;
    private readonly TimeProvider _time;
    private IReadOnlyList<RouteUsage>? _totals;
    private long _readAt;

    /// <param name="figures">The figures.</param>
    /// <param name="time">Says how old totals are.</param>
    /// <param name="meter">What the instruments belong to.</param>
    public TrafficInstruments(SidecarFigures figures, TimeProvider time, Meter meter)
    {
        _figures = figures;
        _time = time;
        meter.CreateObservableCounter("meliproxy.http.requests", () => Of(usage => usage.Count), "{request}", "Requests that ended.");
        meter.CreateObservableCounter("meliproxy.http.received", () => Of(usage => usage.BytesIn), "By", "Bytes of request bodies.");
        meter.CreateObservableCounter("meliproxy.http.sent", () => Of(usage => usage.BytesOut), "By", "Bytes of response bodies.");
        if (figures.InFlight is { } inFlight)
        {
            meter.CreateObservableUpDownCounter("meliproxy.http.in_flight", inFlight, "{request}", "Requests under way.");
        }
    }

    private IEnumerable<Measurement<long>> Of(Func<RouteUsage, long> figure) =>
        Totals().Select(usage => new Measurement<long>(figure(usage), TrafficTags.Of(usage)));

    private IReadOnlyList<RouteUsage> Totals()
    {
        lock (_gate)
        {
            if (_totals is null || _time.GetElapsedTime(_readAt) > TotalsLife)
            {
                _readAt = _time.GetTimestamp();
                _totals = _figures.Traffic();
            }

            return _totals;
        }
    }
}

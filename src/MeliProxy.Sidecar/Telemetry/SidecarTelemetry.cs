using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Configuration;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Collects metrics and traces of a running sidecar for those that its configuration names.</summary>
/// <remarks>
/// <code>
/// MeliProxy.RateLimiting ─┐                  ┌─▶ /metrics ◀── Prometheus
/// MeliProxy.Sidecar ──────┼─▶ MeterProvider ─┤
/// Kestrel, HTTP, runtime ─┘                  └─▶ OTLP ─▶ collector
/// server and client spans ──▶ TracerProvider ──▶ OTLP ─▶ collector
/// </code>
/// The providers listen to the whole process.
/// </remarks>
internal sealed class SidecarTelemetry : IDisposable
{
    private const string MetricsPath = "/metrics";

    /// <summary>Scrapes within this time get the same answer, so that there is no way to overload the sidecar with them.</summary>
    private const int ScrapeLifeMilliseconds = 1000;

    private readonly SidecarInstruments _instruments;
    private readonly MeterProvider _meters;
    private readonly TracerProvider? _tracers;
    private readonly bool _isScraped;

    private SidecarTelemetry(SidecarConfiguration configuration, string node, SidecarFigures figures, ILoggerFactory loggers, TimeProvider time)
    {
        TelemetryConfiguration telemetry = configuration.Telemetry;
        ResourceBuilder resource = TelemetryResource.Describe(configuration, node);
        Collector? collector = telemetry.Otlp is { } otlp ? new Collector(otlp, loggers.CreateLogger<SidecarTelemetry>()) : null;
        _isScraped = IsScraped(configuration);
        _instruments = new SidecarInstruments(figures, time);
        _meters = CollectMeters(telemetry, resource, collector, _isScraped);
        _tracers = collector is not null && telemetry.Traces ? CollectTraces(telemetry, resource, collector) : null;
    }

    /// <summary>Begins to collect.</summary>
    /// <param name="configuration">Says what for.</param>
    /// <param name="node">What the sidecar is called.</param>
    /// <param name="figures">What it tells of itself.</param>
    /// <param name="loggers">Told of a collector that takes nothing.</param>
    /// <param name="time">Says how old figures are.</param>
    /// <returns><see langword="null"/> if there is nobody to collect for; then nothing listens either.</returns>
    public static SidecarTelemetry? TryStart(
        SidecarConfiguration configuration, string node, SidecarFigures figures, ILoggerFactory loggers, TimeProvider time) =>
        IsScraped(configuration) || configuration.Telemetry.Otlp is not null
            ? new SidecarTelemetry(configuration, node, figures, loggers, time)
            : null;

    /// <summary>What takes snapshots of usage, for the figures that are made of them.</summary>
    public IUsageSink Sink => _instruments.Latency;

    /// <summary>Answers scrapes on the admin listener, if they are wanted.</summary>
    public void MapMetrics(WebApplication admin)
    {
        if (_isScraped)
        {
            admin.MapPrometheusScrapingEndpoint(MetricsPath, _meters, configureBranchedPipeline: null, optionsName: null)
                .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));
        }
    }

    /// <summary>Tells the collector what there is once more, for a few seconds at most.</summary>
    public void Dispose()
    {
        _instruments.Latency.Dispose();
        _tracers?.Dispose();
        _meters.Dispose();
        _instruments.Dispose();
    }

    private static bool IsScraped(SidecarConfiguration configuration) =>
        configuration.Telemetry.Prometheus && configuration.Admin.Listen is not null;

    private static MeterProvider CollectMeters(
        TelemetryConfiguration telemetry, ResourceBuilder resource, Collector? collector, bool isScraped)
    {
        MeterProviderBuilder builder = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeters(telemetry.HttpMetrics);
        if (isScraped)
        {
            builder.AddPrometheusExporter(options =>
            {
                options.ScrapeResponseCacheDurationMilliseconds = ScrapeLifeMilliseconds;
                options.ScopeInfoEnabled = false;
            });
        }

        if (collector is not null)
        {
            builder.AddOtlpExporter((options, _) => collector.Configure(options, "metrics"));
        }

        return builder.Build();
    }

    private static TracerProvider CollectTraces(TelemetryConfiguration telemetry, ResourceBuilder resource, Collector collector) =>
        Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource("Microsoft.AspNetCore", "System.Net.Http")
            .SetSampler(new RequestSampler(telemetry.TraceSample))
            .AddOtlpExporter(options => collector.Configure(options, "traces"))
            .Build();
}

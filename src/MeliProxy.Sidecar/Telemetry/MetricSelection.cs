using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Which instruments are collected.</summary>
/// <remarks>
/// The framework's instruments are of two kinds: those that cost something only when somebody collects or a connection is made or closed, and
/// those that every request pays for. The latter are collected only if that is wanted; what they tell of the server, routes tell for less.
/// </remarks>
internal static class MetricSelection
{
    private const string Limiter = "MeliProxy.RateLimiting";
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";
    private const string HttpServer = "Microsoft.AspNetCore.Hosting";
    private const string HttpClient = "System.Net.Http";
    private const string Runtime = "System.Runtime";

    /// <summary>Adds the meters of the project, the server, the client and the runtime.</summary>
    public static MeterProviderBuilder AddMeters(this MeterProviderBuilder builder, bool httpMetrics) => builder
        .AddMeter(Limiter, SidecarInstruments.MeterName, Kestrel, HttpServer, HttpClient, Runtime)
        .AddView(instrument => IsSelected(instrument, httpMetrics) ? null : MetricStreamConfiguration.Drop);

    private static bool IsSelected(Instrument instrument, bool httpMetrics) => instrument.Meter.Name switch
    {
        // A request of HTTP/2 is queued and dequeued, whether it waits or not.
        Kestrel => httpMetrics || instrument.Name != "kestrel.queued_requests",
        HttpServer => httpMetrics,
        HttpClient => httpMetrics || instrument.Name == "http.client.connection.duration",

        // Nothing is compiled while the program runs.
        Runtime => !instrument.Name.StartsWith("dotnet.jit.", StringComparison.Ordinal) && instrument.Name != "dotnet.assembly.count",
        _ => true,
    };
}

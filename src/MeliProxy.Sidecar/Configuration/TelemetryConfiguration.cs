namespace MeliProxy.Sidecar.Configuration;

/// <summary>How the sidecar reports on itself.</summary>
/// <param name="Otlp">The OpenTelemetry collector, if any.</param>
/// <param name="Prometheus">Whether the admin listener serves <c>/metrics</c>.</param>
internal sealed record TelemetryConfiguration(Uri? Otlp, bool Prometheus);

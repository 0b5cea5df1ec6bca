namespace MeliProxy.TelemetryBench;

/// <summary>One way to set up telemetry.</summary>
/// <param name="Name">What its line is called.</param>
/// <param name="Settings">The <c>telemetry</c> section of the configuration, with <c>COLLECTOR</c> where the collector's URL goes.</param>
/// <param name="IsScraped">Whether <c>/metrics</c> is asked for once a second.</param>
public sealed record Variant(string Name, string Settings, bool IsScraped = false)
{
    /// <summary>The first is what the others are compared with.</summary>
    public static IReadOnlyList<Variant> All { get; } =
    [
        new("off", """{ "prometheus": false }"""),
        new("prometheus", "{}"),
        new("scraped_each_second", "{}", IsScraped: true),
        new("http_metrics", """{ "httpMetrics": true }"""),
        new("otlp_metrics", """{ "prometheus": false, "otlp": "COLLECTOR" }"""),
        new("traces_1_percent", """{ "prometheus": false, "otlp": "COLLECTOR", "traces": { "sample": 0.01 } }"""),
        new("traces_all", """{ "prometheus": false, "otlp": "COLLECTOR", "traces": { "sample": 1 } }"""),
    ];
}

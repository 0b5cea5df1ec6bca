namespace MeliProxy.Sidecar.Configuration;

/// <summary>How the sidecar reports on itself.</summary>
internal sealed record TelemetryConfiguration
{
    /// <summary>Whether the admin listener serves <c>/metrics</c>.</summary>
    public required bool Prometheus { get; init; }

    /// <summary>The OpenTelemetry collector, if any.</summary>
    public required OtlpConfiguration? Otlp { get; init; }

    /// <summary>Whether the HTTP server and client are measured by their own instruments too, which every request pays for.</summary>
    public required bool HttpMetrics { get; init; }

    /// <summary>The share of traces that begin here and are recorded, 0 to 1.</summary>
    public required double TraceSample { get; init; }

    /// <summary>What is said of this process beside what it knows itself.</summary>
    public required SettingPairs Attributes { get; init; }

    /// <summary>Whether requests are traced; not without a share of them, nor without a collector, as spans would go nowhere.</summary>
    public bool Traces => Otlp is not null && TraceSample > 0;
}

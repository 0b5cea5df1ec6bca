namespace MeliProxy.Sidecar.FunctionalTests.Telemetry.Collecting;

/// <summary>One number of a metric as it arrived.</summary>
internal sealed record CollectedPoint(
    string Metric, double Value, IReadOnlyDictionary<string, object> Attributes, IReadOnlyDictionary<string, object> Resource);

namespace MeliProxy.Sidecar.FunctionalTests.Telemetry.Collecting;

/// <summary>A span as it arrived; ids are hexadecimal.</summary>
internal sealed record CollectedSpan(
    string TraceId,
    string SpanId,
    string ParentId,
    string TraceState,
    string Name,
    SpanKind Kind,
    bool IsError,
    IReadOnlyDictionary<string, object> Attributes,
    IReadOnlyDictionary<string, object> Resource);

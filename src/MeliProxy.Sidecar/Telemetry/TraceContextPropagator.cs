using System.Diagnostics;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>
/// Carries a trace through the proxy in <c>traceparent</c> and <c>tracestate</c> (W3C Trace Context), in place of those that the client sent.
/// Other headers of that kind, such as <c>baggage</c>, are handed on like any other header.
/// </summary>
internal sealed class TraceContextPropagator : DistributedContextPropagator
{
    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";

    private static readonly DistributedContextPropagator W3C = CreateW3CPropagator();

    private TraceContextPropagator()
    {
    }

    public static TraceContextPropagator Instance { get; } = new();

    public override IReadOnlyCollection<string> Fields { get; } = [TraceParent, TraceState];

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        W3C.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is not null && carrier is HttpRequestMessage request)
        {
            request.Headers.Remove(TraceParent);
            request.Headers.Remove(TraceState);
        }

        W3C.Inject(activity, carrier, setter);
    }
}

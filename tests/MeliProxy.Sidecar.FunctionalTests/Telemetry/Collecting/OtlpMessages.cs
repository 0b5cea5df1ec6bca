namespace MeliProxy.Sidecar.FunctionalTests.Telemetry.Collecting;

/// <summary>Reads what exporters of OTLP send; the numbers are those of its protobuf files.</summary>
internal static class OtlpMessages
{
    public static IEnumerable<CollectedSpan> ReadSpans(ReadOnlyMemory<byte> request) =>
        from resourceSpans in new ProtobufFields(request).Messages(1)
        let resource = ReadResource(resourceSpans)
        from scopeSpans in resourceSpans.Messages(2)
        from span in scopeSpans.Messages(2)
        select new CollectedSpan(
            span.Hex(1),
            span.Hex(2),
            span.Hex(4),
            span.Text(3),
            span.Text(5),
            (SpanKind)span.Integer(6),
            span.Messages(15).Any(status => status.Integer(3) == 2),
            ReadAttributes(span, 9),
            resource);

    /// <summary>Reads the points of sums and gauges; histograms by their counts.</summary>
    public static IEnumerable<CollectedPoint> ReadPoints(ReadOnlyMemory<byte> request) =>
        from resourceMetrics in new ProtobufFields(request).Messages(1)
        let resource = ReadResource(resourceMetrics)
        from scopeMetrics in resourceMetrics.Messages(2)
        from metric in scopeMetrics.Messages(2)
        from point in metric.Messages(5).Concat(metric.Messages(7)).SelectMany(data => data.Messages(1))
            .Select(number => (Value: number.Has(4) ? number.Double(4) : number.Integer(6), Attributes: ReadAttributes(number, 7)))
            .Concat(metric.Messages(9).SelectMany(data => data.Messages(1))
                .Select(histogram => (Value: (double)histogram.Integer(4), Attributes: ReadAttributes(histogram, 9))))
        select new CollectedPoint(metric.Text(1), point.Value, point.Attributes, resource);

    private static Dictionary<string, object> ReadResource(ProtobufFields of) =>
        of.Messages(1).Select(resource => ReadAttributes(resource, 1)).FirstOrDefault() ?? [];

    private static Dictionary<string, object> ReadAttributes(ProtobufFields of, int number) =>
        of.Messages(number).ToDictionary(pair => pair.Text(1), pair => ReadValue(pair.Messages(2).Single()));

    private static object ReadValue(ProtobufFields value) =>
        value.Has(2) ? value.Integer(2) != 0
        : value.Has(3) ? value.Integer(3)
        : value.Has(4) ? value.Double(4)
        : value.Text(1);
}

using System.Text.Json;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Usage.History;

namespace MeliProxy.Sidecar.Control;

/// <summary>Adds up what sidecars tell of their routes step by step.</summary>
/// <param name="asked">The time and steps that were asked for.</param>
/// <param name="only">Only of this route; <see langword="null"/>: of all.</param>
internal sealed class RouteHistorySum(HistoryRange asked, string? only) : HistorySum(asked)
{
    private const int MostRoutes = 10_000;

    /// <summary>More than any sidecar has, and few enough to be added up.</summary>
    private const long MostTimes = 1L << 48;

    private static readonly string[] Counts = ["count", "bytesIn", "bytesOut"];
    private static readonly string[] Largest = ["durationMsP50", "durationMsP95", "durationMsP99", "upstreamMsP99"];

    private readonly SortedDictionary<(string Route, long Class), (SeriesSum Series, LatencyHistogram Duration, LatencyHistogram Upstream)> _routes = [];

    public override bool IsEmpty => _routes.Count == 0;

    protected override void AddItems(JsonElement answer, HistoryRange range)
    {
        foreach (JsonElement item in ReportReading.Items(answer, "routes"))
        {
            long statusClass = ReportReading.Count(item, "class");
            if (ReportReading.Text(item, "route") is not { } name || (only is not null && name != only) || statusClass > 5)
            {
                continue;
            }

            if (!_routes.TryGetValue((name, statusClass), out (SeriesSum Series, LatencyHistogram Duration, LatencyHistogram Upstream) route))
            {
                if (_routes.Count >= MostRoutes)
                {
                    continue;
                }

                route = (new SeriesSum(Counts.Length, Largest.Length), LatencyHistogram.Empty, LatencyHistogram.Empty);
            }

            AddPoints(route.Series, item, range);
            _routes[(name, statusClass)] =
                (route.Series, route.Duration.Add(Histogram(item, "duration")), route.Upstream.Add(Histogram(item, "upstream")));
        }
    }

    protected override void WriteItems(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("routes");
        foreach (((string name, long statusClass), (SeriesSum series, LatencyHistogram duration, LatencyHistogram upstream)) in _routes)
        {
            writer.WriteStartObject();
            writer.WriteString("route", name);
            writer.WriteString("class", statusClass == 0 ? "none" : $"{statusClass}xx");
            writer.WriteStartObject("total");
            Write(writer, Counts, series.Total());
            Write(writer, "duration", duration);
            Write(writer, "upstream", upstream);
            writer.WriteEndObject();
            writer.WriteStartArray("points");
            foreach ((long at, long[] counts, double[] largest) in series.By(Range.Step))
            {
                writer.WriteStartObject();
                writer.WriteString("time", Moment(at));
                Write(writer, Counts, counts);
                for (int i = 0; i < Largest.Length; i++)
                {
                    // Nothing was measured, such as of an upstream that was not asked.
                    if (largest[i] > 0)
                    {
                        writer.WriteNumber(Largest[i], largest[i]);
                    }
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string[] names, long[] counts)
    {
        for (int i = 0; i < names.Length; i++)
        {
            writer.WriteNumber(names[i], counts[i]);
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, LatencyHistogram times)
    {
        if (times.Count == 0)
        {
            return;
        }

        writer.WriteNumber($"{name}MsP50", HistoryReport.Milliseconds(times, 0.5));
        writer.WriteNumber($"{name}MsP95", HistoryReport.Milliseconds(times, 0.95));
        writer.WriteNumber($"{name}MsP99", HistoryReport.Milliseconds(times, 0.99));
    }

    private static LatencyHistogram Histogram(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            && value.TryGetBytesFromBase64(out byte[]? bytes)
            && LatencyHistogram.TryRead(bytes) is { Count: <= MostTimes } times
            ? times
            : LatencyHistogram.Empty;
}

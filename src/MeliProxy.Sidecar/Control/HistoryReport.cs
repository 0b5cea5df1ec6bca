using System.Text.Json;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Usage.History;
using MeliProxy.Sidecar.Usage.Store;

namespace MeliProxy.Sidecar.Control;

/// <summary>Writes what a sidecar tells of a time, short, as an answer has little room: a point is the number of its step and its values.</summary>
internal static class HistoryReport
{
    public static void Write(Utf8JsonWriter writer, HistoryOf<RuleHistory> history, HistoryRange range)
    {
        WriteRange(writer, range, history.Since);
        writer.WriteStartArray("rules");
        foreach (RuleHistory rule in history.Items.Select(item => range == history.Range ? item : item.By(history.Range, range)))
        {
            writer.WriteStartObject();
            writer.WriteString("rule", rule.Rule);
            writer.WriteString("mode", rule.IsShadow ? "shadow" : "enforce");
            writer.WriteStartArray("points");
            foreach ((int index, RulePoint point) in rule.Points)
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(index);
                foreach (long count in point.Counts)
                {
                    writer.WriteNumberValue(count);
                }

                writer.WriteNumberValue(Math.Round(point.UsedShare * 100, 2));
                writer.WriteNumberValue(Math.Round(point.DecisionTime.Quantile(0.99).TotalMicroseconds, 1));
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter writer, HistoryOf<RouteHistory> history, HistoryRange range)
    {
        WriteRange(writer, range, history.Since);
        writer.WriteStartArray("routes");
        foreach (RouteHistory route in history.Items.Select(item => range == history.Range ? item : item.By(history.Range, range)))
        {
            writer.WriteStartObject();
            writer.WriteString("route", route.Route);
            writer.WriteNumber("class", route.StatusClass);
            RoutePoint sum = new();
            foreach (RoutePoint point in route.Points.Values)
            {
                sum.Add(point);
            }

            writer.WriteBase64String("duration", sum.Duration.ToBytes());
            writer.WriteBase64String("upstream", sum.UpstreamTime.ToBytes());
            writer.WriteStartArray("points");
            foreach ((int index, RoutePoint point) in route.Points)
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(index);
                writer.WriteNumberValue(point.Count);
                writer.WriteNumberValue(point.BytesIn);
                writer.WriteNumberValue(point.BytesOut);
                writer.WriteNumberValue(Milliseconds(point.Duration, 0.5));
                writer.WriteNumberValue(Milliseconds(point.Duration, 0.95));
                writer.WriteNumberValue(Milliseconds(point.Duration, 0.99));
                writer.WriteNumberValue(Milliseconds(point.UpstreamTime, 0.99));
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter writer, HistoryOf<KeyHits> history, int count)
    {
        WriteRange(writer, history.Range, history.Since);
        writer.WriteStartArray("keys");
        foreach (KeyHits key in history.Items.Take(count))
        {
            writer.WriteStartObject();
            writer.WriteString("rule", key.Rule);
            writer.WritePropertyName("key");
            writer.WriteRawValue(key.Key);
            writer.WriteNumber("hits", key.Hits);
            writer.WriteNumber("limited", key.Limited);
            writer.WriteNumber("error", key.Error);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>A length that a share of the times does not exceed, in milliseconds.</summary>
    public static double Milliseconds(LatencyHistogram times, double share) => Math.Round(times.Quantile(share).TotalMilliseconds, 3);

    private static void WriteRange(Utf8JsonWriter writer, HistoryRange range, long? since)
    {
        writer.WriteNumber("step", range.Step);
        if (since is { } moment)
        {
            writer.WriteNumber("storedSince", moment);
        }
    }
}

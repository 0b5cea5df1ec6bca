using System.Globalization;
using MeliProxy.RateLimiting.InfluxDB.LineProtocol;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB.Points;

/// <summary>The points of rules, routes and the process. All counts are those of the snapshot's time, not totals.</summary>
internal sealed class CountPoints(CommonTags tags) : ISnapshotPoints
{
    private const double Percent = 100;
    private const double BytesPerMegabyte = 1024 * 1024;

    public int Count(UsageSnapshot snapshot) => snapshot.Rules.Count + snapshot.Routes.Count + 1;

    public void Write(UsageSnapshot snapshot, PointBatch batch)
    {
        foreach (RuleUsage rule in snapshot.Rules)
        {
            batch.Writer.BeginPoint("ratelimit_rule");
            tags.Write(
                batch.Writer,
                ("mode", rule.Mode == RuleMode.Shadow ? "shadow" : "enforce"), ("node", snapshot.Node), ("rule", rule.Rule));
            WriteFields(batch.Writer, rule);
            batch.EndPoint(snapshot.To);
        }

        foreach (RouteUsage route in snapshot.Routes)
        {
            batch.Writer.BeginPoint("proxy_http");
            tags.Write(batch.Writer, ("class", ClassOf(route.StatusClass)), ("node", snapshot.Node), ("route", route.Route));
            WriteFields(batch.Writer, route);
            batch.EndPoint(snapshot.To);
        }

        batch.Writer.BeginPoint("proxy_node");
        tags.Write(batch.Writer, ("node", snapshot.Node));
        WriteFields(batch.Writer, snapshot.State);
        batch.EndPoint(snapshot.To);
    }

    private static void WriteFields(LineProtocolWriter writer, RuleUsage rule)
    {
        writer.IntegerField("total", rule.Total);
        writer.IntegerField("allowed", rule.Allowed);
        writer.IntegerField("limited", rule.Limited);
        writer.IntegerField("delayed", rule.Delayed);
        writer.IntegerField("shadow_limited", rule.ShadowLimited);
        writer.IntegerField("fail_open", rule.FailOpen);
        writer.IntegerField("cost", rule.Cost);
        writer.FloatField("used_pct", rule.UsedShare * Percent);
        if (rule.DecisionTime.Count > 0)
        {
            writer.FloatField("decision_us_p99", rule.DecisionTime.Quantile(0.99).TotalMicroseconds);
        }
    }

    private static void WriteFields(LineProtocolWriter writer, RouteUsage route)
    {
        writer.IntegerField("count", route.Count);
        writer.IntegerField("bytes_in", route.BytesIn);
        writer.IntegerField("bytes_out", route.BytesOut);
        if (route.Duration.Count > 0)
        {
            writer.FloatField("duration_ms_p50", route.Duration.Quantile(0.5).TotalMilliseconds);
            writer.FloatField("duration_ms_p95", route.Duration.Quantile(0.95).TotalMilliseconds);
            writer.FloatField("duration_ms_p99", route.Duration.Quantile(0.99).TotalMilliseconds);
        }

        if (route.UpstreamTime.Count > 0)
        {
            writer.FloatField("upstream_ms_p99", route.UpstreamTime.Quantile(0.99).TotalMilliseconds);
        }
    }

    private static void WriteFields(LineProtocolWriter writer, NodeUsage state)
    {
        writer.IntegerField("active_keys", state.ActiveKeys);
        writer.IntegerField("evicted_keys", state.EvictedKeys);
        writer.IntegerField("inflight", state.InFlight);
        writer.FloatField("rss_mb", state.ResidentBytes / BytesPerMegabyte);
        if (state.IsSharingConnected is { } isConnected)
        {
            writer.IntegerField("nats_connected", isConnected ? 1 : 0);
        }

        if (state.LeaseLag is { } lag)
        {
            writer.FloatField("lease_lag_ms", lag.TotalMilliseconds);
        }

        foreach (SinkStatus sink in state.Sinks)
        {
            if (sink.Name == InfluxDBUsageSink.SinkName)
            {
                writer.IntegerField("influx_dropped", sink.Dropped);
                writer.IntegerField("influx_queue", sink.Queued);
                break;
            }
        }

        writer.IntegerField("rules_revision", state.RulesRevision);
    }

    private static string ClassOf(int statusClass) => statusClass switch
    {
        0 => "none",
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => string.Create(CultureInfo.InvariantCulture, $"{statusClass}xx"),
    };
}

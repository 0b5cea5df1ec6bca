using System.Globalization;
using System.Text.Json;
using MeliProxy.Dashboards.Tests.InfluxDB;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Dashboards.Tests;

/// <summary>Retention policies and continuous queries, in a real InfluxDB.</summary>
public sealed class RetentionTests
{
    [Fact]
    public void Each_line_is_a_statement_or_a_remark_as_the_command_line_client_needs_it() =>
        Assert.All(
            RetentionFile.Lines,
            line => Assert.True(
                line.StartsWith("--", StringComparison.Ordinal)
                || (line.StartsWith("CREATE ", StringComparison.Ordinal) && line.EndsWith(';') && !line[..^1].Contains(';', StringComparison.Ordinal)),
                line));

    [Fact]
    public async Task It_can_be_run_again_and_points_without_a_policy_are_kept_by_the_second()
    {
        await using InfluxServer server = await InfluxServer.StartAsync();
        foreach (string statement in RetentionFile.Statements.Concat(RetentionFile.Statements))
        {
            await server.QueryAsync(statement);
        }

        Series policies = Assert.Single(await server.QueryAsync("SHOW RETENTION POLICIES ON \"meliproxy\""));

        Assert.Equal(["name", "duration", "shardGroupDuration", "replicaN", "default"], policies.Columns);
        Assert.Equal(
            ["1s 168h0m0s True", "3600s 8784h0m0s False", "60s 2160h0m0s False"],
            policies.Values.Select(row => $"{row[0]} {row[1]} {row[4].GetBoolean()}").Where(row => !row.StartsWith("autogen", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task While_time_goes_on_minutes_become_what_their_seconds_are_and_hours_what_their_minutes_are()
    {
        await using InfluxServer server = await InfluxServer.StartAsync();
        await RetentionFile.CreateDatabaseAsync(server);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        DateTimeOffset minute = Floor(now, TimeSpan.FromMinutes(1));
        DateTimeOffset hour = Floor(now, TimeSpan.FromHours(1));
        await server.WriteAsync("1s", GeneratedPoints.Between(minute.AddMinutes(-8), minute.AddMinutes(-3)));
        await server.WriteAsync("60s", MinutesOf(hour.AddHours(-2), hour));

        foreach (string statement in RetentionFile.ContinuousQueries)
        {
            await server.QueryAsync(statement);
        }

        // Five minutes of two nodes; hours of one node that has no seconds.
        await Eventually.TrueAsync(async () => (await RowsAsync(server, "60s", "proxy_node", "node != 'old'")).Count == 10);
        await Eventually.TrueAsync(async () => (await RowsAsync(server, "3600s", "proxy_node", "node = 'old'")).Count == 2);
        foreach (string measurement in RetentionFile.Measurements)
        {
            await IsSummaryAsync(server, measurement, "1s", "60s", "1m", "node != 'old'");
            await IsSummaryAsync(server, measurement, "60s", "3600s", "1h", "node = 'old'");
        }
    }

    [Fact]
    public async Task Every_field_of_the_seconds_is_kept()
    {
        await using InfluxServer server = await InfluxServer.StartAsync();
        await RetentionFile.CreateDatabaseAsync(server);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await server.WriteAsync("1s", GeneratedPoints.Between(now.AddSeconds(-2), now));

        await RetentionFile.RollUpAsync(server);

        foreach (string measurement in RetentionFile.Measurements)
        {
            await RetentionFile.KeepsEveryFieldAsync(server, measurement);
        }
    }

    /// <summary>All of the coarse rows are what the fine ones give.</summary>
    private static async Task IsSummaryAsync(InfluxServer server, string measurement, string fine, string coarse, string step, string condition)
    {
        string[] fields = await server.FieldsAsync(measurement, coarse);
        string asked = string.Join(", ", fields.Select(field =>
        {
            (string function, string origin) = RetentionFile.Origin(field);
            return $"{function}(\"{(fine == "1s" ? origin : field)}\") AS \"{field}\"";
        }));
        IReadOnlyList<Series> expected = await server.QueryAsync(
            $"SELECT {asked} FROM \"meliproxy\".\"{fine}\".\"{measurement}\" WHERE time <= now() AND {condition} GROUP BY time({step}), * fill(none)");
        IReadOnlyList<Series> found = await server.QueryAsync(
            $"SELECT {string.Join(", ", fields.Select(field => $"\"{field}\""))} FROM \"meliproxy\".\"{coarse}\".\"{measurement}\" WHERE {condition} GROUP BY *");

        Assert.NotEmpty(found);
        Assert.Equal(expected.SelectMany(Rows), found.SelectMany(Rows));
    }

    private static IEnumerable<string> Rows(Series series) =>
        series.Values.Select(row => $"{string.Join(",", series.Tags!.OrderBy(tag => tag.Key, StringComparer.Ordinal))} {string.Join(" ", row)}");

    private static async Task<IReadOnlyList<IReadOnlyList<JsonElement>>> RowsAsync(
        InfluxServer server, string retentionPolicy, string measurement, string condition)
    {
        IReadOnlyList<Series> series = await server.QueryAsync(
            $"SELECT * FROM \"meliproxy\".\"{retentionPolicy}\".\"{measurement}\" WHERE {condition}");
        return series.Count == 0 ? [] : series[0].Values;
    }

    private static IEnumerable<string> MinutesOf(DateTimeOffset from, DateTimeOffset to)
    {
        for (DateTimeOffset minute = from; minute < to; minute += TimeSpan.FromMinutes(1))
        {
            string time = minute.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            int number = minute.Minute;
            yield return $"ratelimit_rule,mode=enforce,node=old,rule=per-ip total={number}i,allowed={number}i,limited=0i,delayed=0i,shadow_limited=0i,"
                + $"fail_open=0i,cost={number}i,used_pct_max={number}.5,decision_us_p99_max={number}.25 {time}";
            yield return $"proxy_http,class=2xx,node=old,route=api count={number}i,bytes_in=1i,bytes_out=7i,duration_ms_p50_mean={number}.5,"
                + $"duration_ms_p95_max={number}.25,duration_ms_p99_max=9.5,upstream_ms_p99_max=8.5 {time}";
            yield return $"proxy_node,node=old active_keys_max={number}i,evicted_keys=2i,inflight_max=1i,rss_mb_max=40.5,nats_connected_min={number % 2}i,"
                + $"lease_lag_ms_max=1.5,influx_dropped_max=0i,influx_queue_max=1i,rules_revision_max=7i {time}";
        }
    }

    private static DateTimeOffset Floor(DateTimeOffset time, TimeSpan step) => new(time.Ticks - (time.Ticks % step.Ticks), TimeSpan.Zero);
}

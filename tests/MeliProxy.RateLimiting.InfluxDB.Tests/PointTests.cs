using System.Text.Json;
using MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;
using MeliProxy.RateLimiting.InfluxDB.Tests.LineProtocol;
using MeliProxy.RateLimiting.InfluxDB.Tests.Server;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB.Tests;

/// <summary>What is written of a snapshot.</summary>
public sealed class PointTests
{
    private static readonly UsageSnapshot Full = AnySnapshot.At(1) with
    {
        Rules =
        [
            new RuleUsage
            {
                Rule = "per-ip", Allowed = 5, Limited = 3, ShadowLimited = 0, Delayed = 2, FailOpen = 1, Cost = 7, UsedShare = 1.25,
                DecisionTime = Times(TimeSpan.FromMicroseconds(3)),
            },
            new RuleUsage { Rule = "tried", Mode = RuleMode.Shadow, Allowed = 1, ShadowLimited = 4, UsedShare = double.NaN },
        ],
        Routes =
        [
            new RouteUsage
            {
                Route = "api", StatusClass = 2, Count = 9, BytesIn = 10, BytesOut = long.MaxValue, Duration = Times(TimeSpan.FromMilliseconds(4)),
                UpstreamTime = Times(TimeSpan.FromMilliseconds(2)),
            },
            new RouteUsage { Route = "none", StatusClass = 0, Count = 1 },
        ],
        TopKeys =
        [
            new TopKey("per-ip", ["10.0.0.1"], 9, 1, 0), new TopKey("ip-path", ["10.0.0.1", @"/a|b\c"], 8, 0, 0), new TopKey("per-ip", [""], 7, 2, 0),
        ],
        State = new NodeUsage
        {
            ActiveKeys = 1, EvictedKeys = 2, InFlight = 3, ResidentBytes = 3 * 512 * 1024, IsSharingConnected = true,
            LeaseLag = TimeSpan.FromMilliseconds(1.5), RulesRevision = 6,
            Sinks = [new SinkStatus("sqlite", 77, 78, null), new SinkStatus("influxdb", 4, 5, null)],
        },
    };

    [Fact]
    public async Task Counts_are_written_by_rule_by_route_and_for_the_node()
    {
        await using ScriptedSink scripted = new(options => options with { Tags = new Dictionary<string, string> { ["z"] = "last", ["dc"] = "north" } });
        scripted.Sink.Take(Full with { TopKeys = [] });
        await scripted.AllDoneAsync();

        Assert.Equal(
            [
                "ratelimit_rule,dc=north,mode=enforce,node=n1,rule=per-ip,z=last total=8i,allowed=5i,limited=3i,delayed=2i,shadow_limited=0i,"
                    + "fail_open=1i,cost=7i,used_pct=125,decision_us_p99=3.0720000000000001 1700000001000",
                "ratelimit_rule,dc=north,mode=shadow,node=n1,rule=tried,z=last total=5i,allowed=1i,limited=0i,delayed=0i,shadow_limited=4i,"
                    + "fail_open=0i,cost=0i 1700000001000",
                "proxy_http,class=2xx,dc=north,node=n1,route=api,z=last count=9i,bytes_in=10i,bytes_out=9223372036854775807i,"
                    + "duration_ms_p50=P,duration_ms_p95=P,duration_ms_p99=P,upstream_ms_p99=U 1700000001000",
                "proxy_http,class=none,dc=north,node=n1,route=none,z=last count=1i,bytes_in=0i,bytes_out=0i 1700000001000",
                "proxy_node,dc=north,node=n1,z=last active_keys=1i,evicted_keys=2i,inflight=3i,rss_mb=1.5,nats_connected=1i,lease_lag_ms=1.5,"
                    + "influx_dropped=5i,influx_queue=4i,rules_revision=6i 1700000001000",
            ],
            scripted.LinesOf(0).Select(line => line
                .Replace(Text(Full.Rules[0].DecisionTime.Quantile(0.99).TotalMicroseconds), "3.0720000000000001", StringComparison.Ordinal)
                .Replace($"={Text(Full.Routes[0].Duration.Quantile(0.99).TotalMilliseconds)}", "=P", StringComparison.Ordinal)
                .Replace($"={Text(Full.Routes[0].UpstreamTime.Quantile(0.99).TotalMilliseconds)}", "=U", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Top_keys_are_ranked_by_rule_and_parts_of_a_key_cannot_be_confused()
    {
        await using ScriptedSink scripted = new();
        Assert.Equal(
            [
                "ratelimit_top,node=n1,rank=1,rule=per-ip pkey=\"10.0.0.1\",hits=9i,limited=1i 1700000001000",
                "ratelimit_top,node=n1,rank=1,rule=ip-path pkey=\"10.0.0.1|/a\\\\|b\\\\\\\\c\",hits=8i,limited=0i 1700000001000",
                "ratelimit_top,node=n1,rank=2,rule=per-ip pkey=\"\",hits=7i,limited=2i 1700000001000",
            ],
            await TopKeysAsync(scripted));
    }

    [Fact]
    public async Task Keys_are_pseudonyms_or_left_out_if_wanted()
    {
        await using ScriptedSink hmac = new(options => options with { KeyText = InfluxDBKeyText.Hmac, KeySecret = "0123456789abcdef" });
        await using ScriptedSink none = new(options => options with { KeyText = InfluxDBKeyText.None });

        // printf %s 10.0.0.1 | openssl dgst -sha256 -hmac 0123456789abcdef -binary | base64 | tr +/ -_ | cut -c-22
        Assert.Equal(
            "ratelimit_top,node=n1,rank=1,rule=per-ip pkey=\"ohtaVVsV58AS0DpJBoxDX9\",hits=9i,limited=1i 1700000001000", (await TopKeysAsync(hmac))[0]);
        Assert.Equal("ratelimit_top,node=n1,rank=1,rule=per-ip hits=9i,limited=1i 1700000001000", (await TopKeysAsync(none))[0]);
    }

    [Fact]
    public async Task Any_key_route_and_node_is_read_back_from_a_real_server()
    {
        await using ServerProcess server = await ServerProcess.StartInfluxAsync();
        await using InfluxDBUsageSink sink = new(new InfluxDBSinkOptions
        {
            Url = server.Url, Database = "usage", FlushInterval = TimeSpan.Zero, DisposeTimeout = TimeSpan.FromMinutes(1),
        });
        string[] texts = [.. NastyText.All.Select(text => text.Given)];
        sink.Take(AnySnapshot.At(1) with
        {
            TopKeys = [.. texts.Select((text, i) => new TopKey("r", [text], 1000 - i, long.MaxValue, 0))],
            Routes = [.. NastyText.All.Select((text, i) => new RouteUsage { Route = text.Given, StatusClass = 5, Count = i })],
        });
        await sink.DisposeAsync();

        Assert.Equal(0, sink.RefusedPoints);
        Assert.Equal(
            NastyText.All.Select(text => text.FieldValue.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal)),
            (await ColumnAsync(server, "SELECT pkey, hits FROM ratelimit_top")).OrderByDescending(row => row[2].GetInt64()).Select(row => row[1].GetString()));
        Assert.Equal(
            NastyText.All.Select(text => text.Tag).Distinct().Order(StringComparer.Ordinal),
            (await ColumnAsync(server, "SHOW TAG VALUES FROM proxy_http WITH KEY = route")).Select(row => row[1].GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task VictoriaMetrics_takes_what_is_written_for_InfluxDB_2()
    {
        await using ServerProcess server = await ServerProcess.StartVictoriaMetricsAsync();
        await using (InfluxDBUsageSink sink = new(new InfluxDBSinkOptions
        {
            Url = server.Url, Org = "o", Bucket = "b", Token = "t", FlushInterval = TimeSpan.Zero, DisposeTimeout = TimeSpan.FromMinutes(1),
        }))
        {
            sink.Take(Full);
            sink.Take(AnySnapshot.At(2, rules: 40));
        }

        string[] values = [];
        await Eventually.TrueAsync(async () =>
        {
            string page = await server.GetAsync("/api/v1/export?match[]=ratelimit_rule_total&match[]=ratelimit_top_hits&match[]=proxy_node_rss_mb");
            values = [.. page.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
            return values.Length == 2 + 40 + 3 + 1;
        });
        Assert.Contains(values, line => line.Contains("\"rule\":\"per-ip\"", StringComparison.Ordinal)
            && line.Contains("\"values\":[8],\"timestamps\":[1700000001000]", StringComparison.Ordinal));
    }

    private static string Text(double value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static LatencyHistogram Times(TimeSpan length)
    {
        // As its stored form tells it: the sum in nanoseconds, then the bucket of 32 a power of two, then how many.
        long nanoseconds = length.Ticks * TimeSpan.NanosecondsPerTick;
        int shift = System.Numerics.BitOperations.Log2((ulong)nanoseconds) - 5;
        List<byte> bytes = [];
        foreach (long number in (long[])[nanoseconds, ((shift + 1) << 5) + (nanoseconds >> shift) - 32, 1])
        {
            long rest = number;
            for (; rest >= 0x80; rest >>= 7)
            {
                bytes.Add((byte)(rest | 0x80));
            }

            bytes.Add((byte)rest);
        }

        return LatencyHistogram.TryRead([.. bytes])!;
    }

    private static async Task<IReadOnlyList<string>> TopKeysAsync(ScriptedSink scripted)
    {
        scripted.Sink.Take(Full);
        await scripted.RequestsAsync(2);
        return Assert.Single(scripted.Server.Requests, request => request.Body.StartsWith("ratelimit_top", StringComparison.Ordinal)).Lines;
    }

    private static async Task<IReadOnlyList<JsonElement[]>> ColumnAsync(ServerProcess server, string query)
    {
        using JsonDocument answer = JsonDocument.Parse(await server.QueryAsync(query));
        return
        [
            .. answer.RootElement.GetProperty("results")[0].GetProperty("series")[0].GetProperty("values").EnumerateArray()
                .Select(row => row.EnumerateArray().Select(cell => cell.Clone()).ToArray()),
        ];
    }
}

using System.Globalization;

namespace MeliProxy.Dashboards.Tests.InfluxDB;

/// <summary>Points of two nodes as the sidecar writes them each second, always with the same counts so that every rate is known.</summary>
internal static class GeneratedPoints
{
    public const int Nodes = 2;
    public const int Allowed = 9;
    public const int Limited = 3;
    public const int Answers = 12;

    private const int SecondsBetweenTopKeys = 10;

    /// <summary>Everything of the seconds from one moment to another.</summary>
    public static IEnumerable<string> Between(DateTimeOffset from, DateTimeOffset to)
    {
        for (DateTimeOffset second = from; second < to; second += TimeSpan.FromSeconds(1))
        {
            for (int node = 0; node < Nodes; node++)
            {
                foreach (string line in Of(second, $"node-{node}"))
                {
                    yield return line;
                }
            }
        }
    }

    private static IEnumerable<string> Of(DateTimeOffset second, string node)
    {
        long number = second.ToUnixTimeSeconds();
        string time = second.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        foreach (string rule in new[] { "per-ip", "per-path" })
        {
            yield return $"ratelimit_rule,mode=enforce,node={node},rule={rule} total={Allowed + Limited}i,allowed={Allowed}i,limited={Limited}i,"
                + $"delayed=1i,shadow_limited=0i,fail_open=0i,cost={Allowed}i,used_pct={Varying(number, 100)},decision_us_p99={Varying(number, 7)} {time}";
            if (number % SecondsBetweenTopKeys == 0)
            {
                yield return $"ratelimit_top,node={node},rank=1,rule={rule} pkey=\"203.0.113.7\",hits=500i,limited=20i {time}";
            }
        }

        yield return $"proxy_http,class=2xx,node={node},route=api count={Answers}i,bytes_in=10i,bytes_out=5000i,"
            + $"duration_ms_p50={Varying(number, 2)},duration_ms_p95={Varying(number, 5)},duration_ms_p99={Varying(number, 9)},upstream_ms_p99={Varying(number, 8)} {time}";
        yield return $"proxy_node,node={node} active_keys={100 + (number % 7)}i,evicted_keys=2i,inflight={number % 5}i,rss_mb={Varying(number, 40)},"
            + $"nats_connected=1i,lease_lag_ms={Varying(number, 3)},influx_dropped=0i,influx_queue=1i,rules_revision=7i {time}";
    }

    /// <summary>Eighths, whose sums are exact in any order.</summary>
    private static string Varying(long second, int highest) => (highest * (second % 8 + 1) / 8.0).ToString("0.0###", CultureInfo.InvariantCulture);
}

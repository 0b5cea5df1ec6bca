using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.SharingBench.Scenarios;

/// <summary>The same pipeline with leases and with a bucket in Redis that every request asks, in turn.</summary>
public static class RedisSideBySide
{
    private const double Limit = 1_000;
    private const double Rate = 3_000;
    private const int NeverReached = 1_000_000;

    public static async Task RunAsync(Bench bench)
    {
        BenchRule free = new("free") { Limit = NeverReached, Burst = NeverReached, ColdStart = "optimistic" };
        BenchRule tight = new("tight");
        int natsPort = Servers.FreePort();
        using Child nats = await Servers.StartNatsAsync(Path.Combine(bench.Folder, "nats-redis"), natsPort);
        int redisPort = Servers.FreePort();
        using Child redis = await Servers.StartRedisAsync(Path.Combine(bench.Folder, "redis"), redisPort);
        using Fleet leases = await Fleet.StartAsync(bench, "leases", Bench.Nodes, natsPort, free, tight);
        using Fleet asking = await Fleet.StartAskingRedisAsync(bench, "asking", Bench.Nodes, redisPort, free, tight);
        Side meliProxy = new(leases, nats);
        Side peer = new(asking, redis);

        TimeSpan warmUp = bench.Time(2, 1);
        await meliProxy.MeasureAsync(free, warmUp, warmUp);
        await peer.MeasureAsync(free, warmUp, warmUp);
        List<(Cost MeliProxy, Cost Redis)> rounds = [];
        int count = bench.Options.IsQuick ? 2 : 5;
        for (int i = 0; i < count; i++)
        {
            TimeSpan open = bench.Time(4, 2);
            TimeSpan closed = bench.Time(3, 2);
            bool leasesFirst = i % 2 == 0;
            Cost a = await (leasesFirst ? meliProxy : peer).MeasureAsync(free, open, closed);
            Cost b = await (leasesFirst ? peer : meliProxy).MeasureAsync(free, open, closed);
            rounds.Add(leasesFirst ? (a, b) : (b, a));
        }

        bench.Report.Title("Side by side with Redis");
        bench.Report.Line($"8 processes each. Open loop: {Rate:0}/s, all admitted; closed loop: as fast as they answer.");
        bench.Report.Line($"");
        bench.Report.Line($"| | requests/s | p50 ms | p99 ms | proxies µs/request | NATS or Redis µs/request |");
        bench.Report.Line($"|---|---|---|---|---|---|");
        foreach ((Cost leased, Cost asked) in rounds)
        {
            Tell("MeliProxy", leased);
            Tell("Redis", asked);
        }

        Summarize("meliproxy", [.. rounds.Select(round => round.MeliProxy)]);
        Summarize("redis", [.. rounds.Select(round => round.Redis)]);

        bench.Report.Line($"");
        bench.Report.Line($"A bucket of 1,000/s, burst 1,000, asked for 4,000/s:");
        bench.Report.Line($"");
        bench.Report.Line($"| | most in 1 s | ÷ (burst + limit) | admitted ÷ limit | p50 ms | p99 ms |");
        bench.Report.Line($"|---|---|---|---|---|---|");
        await OvershootAsync("MeliProxy", "meliproxy", leases);
        await OvershootAsync("Redis", "redis", asking);

        void Tell(string name, Cost cost) => bench.Report.Line(
            $"| {name} | {cost.PerSecond:F0} | {cost.P50:F2} | {cost.P99:F2} | {cost.Proxies:F1} | {cost.Server:F1} |");

        void Summarize(string name, Cost[] costs)
        {
            bench.Report.Value($"{name}.requests_per_s", Median.Of(costs.Select(c => c.PerSecond)));
            bench.Report.Value($"{name}.p50_ms", Median.Of(costs.Select(c => c.P50)));
            bench.Report.Value($"{name}.p99_ms", Median.Of(costs.Select(c => c.P99)));
            bench.Report.Value($"{name}.cpu_us", Median.Of(costs.Select(c => c.Proxies)));
            bench.Report.Value($"{name}.server_cpu_us", Median.Of(costs.Select(c => c.Server)));
        }

        async Task OvershootAsync(string name, string value, Fleet fleet)
        {
            Run run = await OpenLoad.RunAsync(fleet.EndPoints, tight.Path, new Arrivals(4_000, bench.Time(8, 4)));
            int maxWindow = Overshoot.Of(run, Limit).MaxWindow;
            double ratio = maxWindow / (Limit + tight.Burst);
            double utilization = run.After(TimeSpan.FromSeconds(2)).Utilization(Limit);
            bench.Report.Line($"| {name} | {maxWindow} | {ratio:F3} | {utilization:F3} | {run.Latency(0.5):F2} | {run.Latency(0.99):F2} |");
            bench.Report.Value($"{value}.max_window_ratio", ratio);
        }
    }

    private sealed record Side(Fleet Fleet, Child Server)
    {
        public async Task<Cost> MeasureAsync(BenchRule rule, TimeSpan open, TimeSpan closed)
        {
            TimeSpan proxies = Fleet.ProcessorTime;
            TimeSpan server = Server.ProcessorTime;
            Run run = await OpenLoad.RunAsync(Fleet.EndPoints, rule.Path, new Arrivals(Rate, open));
            proxies = Fleet.ProcessorTime - proxies;
            server = Server.ProcessorTime - server;
            double perSecond = await ClosedLoad.RunAsync(Fleet.EndPoints, rule.Path, closed);
            int count = run.Samples.Count;
            return new Cost(
                perSecond, run.Latency(0.5), run.Latency(0.99), proxies.TotalMicroseconds / count, server.TotalMicroseconds / count);
        }
    }

    private sealed record Cost(double PerSecond, double P50, double P99, double Proxies, double Server);
}

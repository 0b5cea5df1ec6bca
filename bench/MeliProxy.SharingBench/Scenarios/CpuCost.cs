using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.SharingBench.Scenarios;

/// <summary>What sharing costs one sidecar that has a processor to itself: the same load on a local and on a shared rule, in turn.</summary>
public static class CpuCost
{
    private const int NeverReached = 1_000_000;
    private const double Rate = 4_000;

    public static async Task RunAsync(Bench bench)
    {
        BenchRule local = new("local") { Limit = NeverReached, Burst = NeverReached, Scope = "local" };
        BenchRule shared = local with { Name = "shared", Scope = "shared", ColdStart = "optimistic" };
        int port = Servers.FreePort();
        using Child nats = await Servers.StartNatsAsync(Path.Combine(bench.Folder, "nats-cpu"), port);
        using Fleet alone = await Fleet.StartAsync(bench, "cpu-local", 1, port, local);
        using Fleet sharing = await Fleet.StartAsync(bench, "cpu-shared", 1, port, shared);
        Pinning.Pin(alone.Proxies[0].Process.Id, "0");
        Pinning.Pin(sharing.Proxies[0].Process.Id, "0");
        Pinning.Pin(nats.Id, "1");
        Pinning.Pin(Environment.ProcessId, "1");
        List<(Cost Local, Cost Shared)> pairs = [];
        TimeSpan duration = bench.Time(4, 1);
        try
        {
            // What is not warm yet is not measured.
            await MeasureAsync(alone, local);
            await MeasureAsync(sharing, shared);
            int count = bench.Options.IsQuick ? 5 : 6;
            for (int i = 0; i < count; i++)
            {
                bool localFirst = i % 2 == 0;
                Cost a = await (localFirst ? MeasureAsync(alone, local) : MeasureAsync(sharing, shared));
                Cost b = await (localFirst ? MeasureAsync(sharing, shared) : MeasureAsync(alone, local));
                pairs.Add(localFirst ? (a, b) : (b, a));
            }
        }
        finally
        {
            Pinning.Pin(Environment.ProcessId, Pinning.AllProcessors);
        }

        bench.Report.Title("What sharing costs the sidecar");
        bench.Report.Line($"One sidecar on a processor of its own, {Rate:0}/s, all admitted; load, upstream and NATS on the other processor. It owns the shard as well.");
        bench.Report.Line($"");
        bench.Report.Line($"| pair | local µs/request | shared µs/request | ratio | local p99 ms | shared p99 ms | ratio |");
        bench.Report.Line($"|---|---|---|---|---|---|---|");
        foreach (((Cost l, Cost s), int i) in pairs.Select((pair, i) => (pair, i + 1)))
        {
            bench.Report.Line($"| {i} | {l.Cpu:F1} | {s.Cpu:F1} | {s.Cpu / l.Cpu:F3} | {l.P99:F2} | {s.P99:F2} | {s.P99 / l.P99:F3} |");
        }

        bench.Report.Value("sharing.cpu_ratio", Median.Of(pairs.Select(pair => pair.Shared.Cpu / pair.Local.Cpu)));
        bench.Report.Value("sharing.p99_ratio", Median.Of(pairs.Select(pair => pair.Shared.P99 / pair.Local.P99)));

        async Task<Cost> MeasureAsync(Fleet fleet, BenchRule rule)
        {
            TimeSpan before = fleet.ProcessorTime;
            Run run = await OpenLoad.RunAsync(fleet.EndPoints, rule.Path, new Arrivals(Rate, duration));
            return new Cost((fleet.ProcessorTime - before).TotalMicroseconds / run.Samples.Count, run.Latency(0.99));
        }
    }

    private sealed record Cost(double Cpu, double P99);
}

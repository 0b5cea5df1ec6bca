using MeliProxy.LoadBench.Proxies;
using MeliProxy.SharingBench.Scenarios;

namespace MeliProxy.LoadBench.Scenarios;

/// <summary>How fast they start, and how large they are then.</summary>
public static class Startup
{
    public const string Name = "startup";

    public static async Task RunAsync(Bench bench)
    {
        int starts = bench.IsQuick ? 3 : 9;
        List<RunningProxy> proxies = [];
        Dictionary<string, double> startTimes = [];
        try
        {
            foreach (ProxyKind kind in bench.Proxies)
            {
                List<double> times = [];

                // The first brings the files into memory.
                for (int i = 0; i <= starts; i++)
                {
                    RunningProxy proxy = await RunningProxy.StartAsync(kind, bench.CreateSetup($"{Name}-{kind.Name}-{i}"));
                    times.Add(proxy.StartTime.TotalMilliseconds);
                    if (i < starts)
                    {
                        proxy.Dispose();
                    }
                    else
                    {
                        proxies.Add(proxy);
                    }
                }

                startTimes[kind.Name] = Median.Of(times.Skip(1));
            }

            TimeSpan idle = TimeSpan.FromSeconds(bench.IsQuick ? 2 : 10);
            await Task.Delay(idle);
            bench.Report.Title("`startup`: cold start, memory and size");
            bench.Report.Line($"Idle: {idle.TotalSeconds:0} s after the start and one request. Size: the binary, with what else it comes with but for libraries of the system.");
            bench.Report.Line($"");
            bench.Report.Line($"| | exec to first answer ms | idle RSS MB | binary MB |");
            bench.Report.Line($"|---|---|---|---|");
            foreach (RunningProxy proxy in proxies)
            {
                double start = startTimes[proxy.Kind.Name];
                double memory = proxy.Process.Memory;
                double binary = proxy.Kind.Files.Sum(file => new FileInfo(file).Length) / 1024.0 / 1024.0;
                bench.Report.Line($"| {proxy.Kind.Title} | {start:F0} | {memory:F1} | {binary:F1} |");
                bench.Report.Value($"{proxy.Kind.Name}.cold_start_ms", start);
                bench.Report.Value($"{proxy.Kind.Name}.idle_rss_mb", memory);
                bench.Report.Value($"{proxy.Kind.Name}.binary_mb", binary);
            }
        }
        finally
        {
            proxies.ForEach(proxy => proxy.Dispose());
        }
    }
}

using MeliProxy.LoadBench.Load;
using MeliProxy.LoadBench.Proxies;
using MeliProxy.SharingBench.Scenarios;

namespace MeliProxy.LoadBench.Scenarios;

/// <summary>A scenario with all its rounds. In each, every proxy has its turn, so that what else happens on the machine hits all.</summary>
public static class ScenarioRun
{
    private const int FullRounds = 3;
    private const int FullSeconds = 3;
    private const int QuickSeconds = 2;

    public static async Task RunAsync(Bench bench, Scenario scenario)
    {
        ProxyKind[] kinds = [.. bench.Proxies.Where(kind => scenario.Includes(kind, bench.IsQuick))];
        if (kinds.Length == 0)
        {
            return;
        }

        List<RunningProxy> proxies = [];
        try
        {
            foreach (ProxyKind kind in kinds)
            {
                // Fresh ones for each scenario, so that their memory is this scenario's.
                ProxySetup setup = scenario.Adapt(bench, bench.CreateSetup($"{scenario.Name}-{kind.Name}"));
                proxies.Add(await RunningProxy.StartAsync(kind, setup));
            }

            await scenario.Load.PrepareAsync(proxies);
            Report(bench, scenario, proxies, await MeasureAsync(bench, scenario, proxies));
        }
        finally
        {
            proxies.ForEach(proxy => proxy.Dispose());
        }
    }

    private static async Task<Dictionary<string, List<Turn>>> MeasureAsync(Bench bench, Scenario scenario, List<RunningProxy> proxies)
    {
        Dictionary<string, List<Turn>> turns = proxies.ToDictionary(proxy => proxy.Kind.Name, _ => new List<Turn>());
        int rounds = (bench.IsQuick ? 1 : FullRounds) + (scenario.Name != Scenario.Main ? 0 : bench.IsQuick ? 1 : 2);
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < proxies.Count; i++)
            {
                RunningProxy proxy = proxies[(round + i) % proxies.Count];
                Turn turn = await Turn.RunAsync(scenario.Load, proxy, bench.IsQuick ? QuickSeconds : FullSeconds);
                turns[proxy.Kind.Name].Add(turn);
                if (turn.FindError(scenario.RejectsAll) is { } error)
                {
                    bench.Errors.Add($"{scenario.Name}, {proxy.Kind.Name}, round {round + 1}: {error}");
                }
            }
        }

        return turns;
    }

    private static void Report(Bench bench, Scenario scenario, List<RunningProxy> proxies, Dictionary<string, List<Turn>> turns)
    {
        bench.Report.Title($"`{scenario.Name}`: {scenario.Title}");
        if (scenario.Load is FixedRateLoad load)
        {
            bench.Report.Line($"{load.Rate:0} requests a second, half of what the slower of nginx and HAProxy can do.");
            bench.Report.Line($"");
        }

        bench.Report.Line($"| | requests/s | µs/request | p50 ms | p99 ms | p99.9 ms | peak RSS MB | MeliProxy ÷ it | its core | load core |");
        bench.Report.Line($"|---|---|---|---|---|---|---|---|---|---|");
        turns.TryGetValue(SidecarProxy.SidecarName, out List<Turn>? own);
        foreach (ProxyKind kind in proxies.Select(proxy => proxy.Kind))
        {
            List<Turn> its = turns[kind.Name];
            double rate = Of(turn => turn.Rate);
            double cpu = Of(turn => turn.Cpu);
            double p50 = Of(turn => turn.Result.P50);
            double p99 = Of(turn => turn.Result.P99);
            double p999 = Of(turn => turn.Result.P999);
            double memory = Of(turn => turn.PeakMemory);
            double ratio = own is null ? double.NaN : Median.Of(own.Zip(its, (a, b) => a.Cpu / b.Cpu));
            FormattableString ratioText = double.IsNaN(ratio) || its == own ? (FormattableString)$"" : $"{ratio:F2}";
            bench.Report.Line(
                $"| {kind.Title} | {rate:F0} | {cpu:F1} | {p50:F2} | {p99:F2} | {p999:F2} | {memory:F1} | {FormattableString.Invariant(ratioText)} | {Of(turn => turn.ProxyCore):P0} | {Of(turn => turn.LoadCore):P0} |");

            string prefix = $"{scenario.Prefix}{kind.Name}";
            bench.Report.Value($"{prefix}.cpu_us", cpu);
            bench.Report.Value($"{prefix}.rps", rate);
            bench.Report.Value($"{prefix}.p50_ms", p50);
            bench.Report.Value($"{prefix}.p99_ms", p99);
            bench.Report.Value($"{prefix}.p999_ms", p999);
            bench.Report.Value($"{prefix}.rss_mb", memory);
            if (own is not null && its != own)
            {
                bench.Report.Value($"{scenario.Prefix}ratio.{kind.Name}", ratio);
            }

            double Of(Func<Turn, double> value) => Median.Of(its.Select(value));
        }
    }
}

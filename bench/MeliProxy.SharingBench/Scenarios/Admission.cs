using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.SharingBench.Scenarios;

/// <summary>How much is admitted of a token bucket of 1,000/s: under too much demand, under less than the limit, and with a node that stands still.</summary>
public static class Admission
{
    private const double Limit = 1_000;

    private static readonly TimeSpan Start = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Bench bench)
    {
        BenchRule even = new("even");
        BenchRule even100 = new("even-100") { Burst = 100 };
        BenchRule hot = new("hot");
        BenchRule hot100 = new("hot-100") { Burst = 100 };
        BenchRule optimistic = new("optimistic") { ColdStart = "optimistic" };
        BenchRule optimisticHot = new("optimistic-hot") { ColdStart = "optimistic" };
        BenchRule calm = new("calm");
        BenchRule paused = new("paused");
        int port = Servers.FreePort();
        using Child nats = await Servers.StartNatsAsync(Path.Combine(bench.Folder, "nats-admission"), port);
        using Fleet fleet = await Fleet.StartAsync(
            bench, "admission", Bench.Nodes, port, even, even100, hot, hot100, optimistic, optimisticHot, calm, paused);
        Arrivals evenly = new(4_000, bench.Time(12, 4));
        Arrivals mostlyOne = evenly with { HotPart = 0.9 };

        bench.Report.Title("A bucket of 1,000/s, asked for 4,000/s by 8 sidecars");
        bench.Report.Line($"| scenario | most in 1 s | ÷ (burst + limit) | burst needed | ÷ burst | admitted ÷ limit | 429 | no answer | p50 ms | p99 ms |");
        bench.Report.Line($"|---|---|---|---|---|---|---|---|---|---|");
        Found[] wait =
        [
            await MeasureAsync("even", even, evenly),
            await MeasureAsync("even, burst 100", even100, evenly),
            await MeasureAsync("90 % on one", hot, mostlyOne),
            await MeasureAsync("90 % on one, burst 100", hot100, mostlyOne),
        ];
        bench.Report.Value("sharing.wait.max_window_ratio", wait.Max(f => f.WindowRatio));
        bench.Report.Value("sharing.wait.burst_ratio", wait.Max(f => f.BurstRatio));
        bench.Report.Value("sharing.utilization", wait.Min(f => f.Utilization));

        Found[] first =
        [
            await MeasureAsync("optimistic, even", optimistic, evenly),
            await MeasureAsync("optimistic, 90 % on one", optimisticHot, mostlyOne),
        ];
        bench.Report.Value("sharing.optimistic.max_window_ratio", first.Max(f => f.WindowRatio));
        bench.Report.Value("sharing.optimistic.utilization", first.Min(f => f.Utilization));
        if (await BoundAsync(optimistic) is { } bound)
        {
            bench.Report.Value("sharing.optimistic.bound_ratio", first.Max(f => f.Overshoot.MaxWindow) / (double)bound);
            bench.Report.Line($"");
            bench.Report.Line($"The bound that the sidecars name for the optimistic rule: {bound} in a window.");
        }

        await CalmAsync();
        await PausedAsync();

        async Task<Found> MeasureAsync(string name, BenchRule rule, Arrivals arrivals)
        {
            Run run = await OpenLoad.RunAsync(fleet.EndPoints, rule.Path, arrivals);
            return Tell(bench, name, rule, run, run.After(Start).Utilization(Limit));
        }

        async Task<long?> BoundAsync(BenchRule rule)
        {
            long[] bounds = [.. (await fleet.AskNodesAsync()).SelectMany(n => n.Bounds).Where(b => b.Key == rule.Name).Select(b => b.Value)];
            return bounds.Length > 0 ? bounds.Max() : null;
        }

        async Task CalmAsync()
        {
            Run run = await OpenLoad.RunAsync(fleet.EndPoints, calm.Path, new Arrivals(900, bench.Time(15, 5)));
            Run later = run.After(TimeSpan.FromSeconds(1));
            bench.Report.Title("The same bucket, asked for 900/s");
            bench.Report.Line($"{run.Samples.Count} requests, of which {run.Rejected} were rejected, {later.Rejected} of them after the first second.");
            bench.Report.Value("sharing.false_rejections", later.Rejected);
        }

        async Task PausedAsync()
        {
            TimeSpan before = bench.Time(4, 2);
            TimeSpan length = bench.Time(5, 3);
            Task<Run> load = OpenLoad.RunAsync(fleet.EndPoints, paused.Path, new Arrivals(4_000, before + length + bench.Time(5, 3)));
            await Task.Delay(before);
            long stopped = Clock.Now;
            fleet.Proxies[0].Process.Pause();
            await Task.Delay(length);
            long resumed = Clock.Now;
            fleet.Proxies[0].Process.Resume();
            Run run = await load;
            bench.Report.Title($"A sidecar that stands still (SIGSTOP) for {length.TotalSeconds:0} s");
            bench.Report.Line($"| part | most in 1 s | ÷ (burst + limit) | burst needed | ÷ burst | admitted ÷ limit | 429 | no answer | p50 ms | p99 ms |");
            bench.Report.Line($"|---|---|---|---|---|---|---|---|---|---|");
            Run pause = run.Between(stopped, resumed);
            Run after = run.Between(resumed, run.Stop + 1);
            Found whole = Tell(bench, "all of it", paused, run, run.After(Start).Utilization(Limit));
            Found during = Tell(bench, "while it stands still", paused, pause, pause.Utilization(Limit));
            Tell(bench, "afterwards", paused, after, after.Utilization(Limit));
            bench.Report.Value("sharing.paused.max_window_ratio", whole.WindowRatio);
            bench.Report.Value("sharing.paused.burst_ratio", whole.BurstRatio);
            bench.Report.Value("sharing.paused.utilization", during.Utilization);
        }
    }

    private static Found Tell(Bench bench, string name, BenchRule rule, Run run, double utilization)
    {
        Overshoot overshoot = Overshoot.Of(run, Limit);
        Found found = new(overshoot, overshoot.MaxWindow / (rule.Burst + Limit), overshoot.Burst / rule.Burst, utilization);
        bench.Report.Line(
            $"| {name} | {overshoot.MaxWindow} | {found.WindowRatio:F3} | {overshoot.Burst:F0} | {found.BurstRatio:F3} | {utilization:F3} | {run.Rejected} | {run.Unanswered} | {run.Latency(0.5):F2} | {run.Latency(0.99):F2} |");
        return found;
    }

    private sealed record Found(Overshoot Overshoot, double WindowRatio, double BurstRatio, double Utilization);
}

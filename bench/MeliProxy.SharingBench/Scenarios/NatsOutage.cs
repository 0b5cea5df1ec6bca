using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.SharingBench.Scenarios;

/// <summary>The NATS server stands still, goes on, is killed and started again, under load.</summary>
public static class NatsOutage
{
    private const double Limit = 1_000;

    /// <summary>When the sidecars have noticed, and follow <c>onPartition</c>.</summary>
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(Bench bench)
    {
        BenchRule rule = new("outage");
        int port = Servers.FreePort();
        string folder = Path.Combine(bench.Folder, "nats-outage");
        Child nats = await Servers.StartNatsAsync(folder, port);
        using Fleet fleet = await Fleet.StartAsync(bench, "outage", Bench.Nodes, port, rule);

        TimeSpan part = bench.Time(8, 5);
        TimeSpan most = bench.Time(45, 35);
        Task<Run> load = OpenLoad.RunAsync(fleet.EndPoints, rule.Path, new Arrivals(4_000, most));
        long start = Clock.Now;
        await Task.Delay(part);
        long stopped = Clock.Now;
        nats.Pause();
        await Task.Delay(part);
        long resumed = Clock.Now;
        nats.Resume();
        double afterResume = await fleet.WaitAsync(NodeView.Shares);
        await Task.Delay(TimeSpan.FromSeconds(2));
        long killed = Clock.Now;
        nats.Dispose();
        await Task.Delay(part);
        long restarted = Clock.Now;
        using Child again = await Servers.StartNatsAsync(folder, port);
        double afterRestart = await fleet.WaitAsync(NodeView.Shares);
        Run run = await load;

        bench.Report.Title("NATS stands still, and is killed");
        bench.Report.Line($"A bucket of 1,000/s, burst 1,000, `onPartition` share, asked for 4,000/s by 8 sidecars.");
        bench.Report.Line($"Shared again {afterResume:F1} s after NATS went on, and {afterRestart:F1} s after it was started again.");
        bench.Report.Line($"");
        bench.Report.Line($"| part | admitted/s | most in 1 s | ÷ (burst + limit) | no answer | p50 ms | p99 ms |");
        bench.Report.Line($"|---|---|---|---|---|---|---|");
        long noticed = (long)Noticed.TotalNanoseconds;
        Run up = Tell("NATS up", start + (2 * Clock.Second), stopped);
        Run still = Tell("NATS stands still", stopped, resumed);
        Tell("of that, cut off", stopped + noticed, resumed);
        Tell("NATS goes on", resumed, killed);
        Tell("NATS killed", killed, restarted);
        Tell("of that, cut off", killed + noticed, restarted);
        Tell("NATS started again", restarted, run.Stop);
        bench.Report.Value("sharing.nats_up.p99_ms", up.Latency(0.99));
        bench.Report.Value("sharing.nats_stopped.p99_ms", still.Latency(0.99));
        bench.Report.Value("sharing.partition.max_window_ratio", MaxWindow(run.Between(start + (2 * Clock.Second), run.Stop)) / (Limit + rule.Burst));
        bench.Report.Value("sharing.nats_resumed.shared_after_s", afterResume);
        bench.Report.Value("sharing.nats_restarted.shared_after_s", afterRestart);

        Run Tell(string name, long from, long to)
        {
            Run part = run.Between(from, to);
            int maxWindow = MaxWindow(part);
            bench.Report.Line(
                $"| {name} | {part.Admitted * 1e9 / (to - from):F0} | {maxWindow} | {maxWindow / (Limit + rule.Burst):F3} | {part.Unanswered} | {part.Latency(0.5):F2} | {part.Latency(0.99):F2} |");
            return part;
        }
    }

    private static int MaxWindow(Run run) => Overshoot.Of(run, Limit).MaxWindow;
}

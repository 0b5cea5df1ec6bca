using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.SharingBench.Scenarios;

/// <summary>A fixed window of 10,000 in 10 s; early in a window, the owner of its shard is killed.</summary>
public static class OwnerKilled
{
    private const int Limit = 10_000;
    private const int Seconds = 10;
    private const long Window = Seconds * Clock.Second;

    private static readonly TimeSpan KillAfter = TimeSpan.FromSeconds(2);

    /// <summary>Leases of the owner that is gone last no longer than this, so that a pause because of it has begun by then.</summary>
    private static readonly TimeSpan PauseBegins = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(Bench bench)
    {
        BenchRule rule = new("window") { Limit = Limit, FixedWindow = Seconds };
        int port = Servers.FreePort();
        using Child nats = await Servers.StartNatsAsync(Path.Combine(bench.Folder, "nats-owner"), port);
        using Fleet fleet = await Fleet.StartAsync(bench, "owner", Bench.Nodes, port, rule);

        // It begins two seconds before a window does, so that the key is shared by then.
        long lead = 2 * Clock.Second;
        long first = ((Clock.ToUnix(Clock.Now) + lead) / Window + 1) * Window;
        await DelayUntilAsync(Clock.FromUnix(first - lead));
        TimeSpan duration = TimeSpan.FromSeconds(2 + Seconds) + bench.Time(Seconds, 5);
        Task<Run> load = OpenLoad.RunAsync(fleet.EndPoints, rule.Path, new Arrivals(1_500, duration));
        await DelayUntilAsync(Clock.FromUnix(first) + (long)KillAfter.TotalNanoseconds);
        string? owner = (await fleet.AskNodesAsync()).FirstOrDefault(node => node.OwnsKeys)?.Name;
        Proxy victim = fleet.Proxies.FirstOrDefault(proxy => proxy.Name == owner) ?? fleet.Proxies[0];
        long killed = Clock.Now;
        victim.Process.Dispose();
        Run run = await load;

        string whose = victim.Name == owner ? "the owner of the shard" : "the first sidecar (no owner was found)";
        double gap = LongestPause(run, killed);
        bench.Report.Title("A fixed window of 10,000 in 10 s, whose owner is killed");
        bench.Report.Line($"1,500/s by 8 sidecars; {whose} gets a SIGKILL {(Clock.ToUnix(killed) - first) / 1e9:F1} s into the first whole window.");
        bench.Report.Line($"After that no request was admitted for {gap:F2} s.");
        bench.Report.Line($"");
        bench.Report.Line($"| window | admitted | 429 | no answer |");
        bench.Report.Line($"|---|---|---|---|");
        int max = 0;
        for (long start = first - Window; Clock.FromUnix(start) < run.Stop; start += Window)
        {
            long from = Clock.FromUnix(start);
            Run window = run.Between(from, from + Window);

            // An answer that came in another window than its request was made may belong to either.
            int admitted = window.Samples.Count(s => s.IsAdmitted && s.Sent >= from && s.Answered < from + Window);
            bench.Report.Line($"| {(start - first) / Clock.Second} s | {admitted} | {window.Rejected} | {window.Unanswered} |");
            max = Math.Max(max, admitted);
        }

        bench.Report.Value("sharing.fixed.max_window", max);
        bench.Report.Value("sharing.owner_kill.gap_s", gap);
    }

    /// <summary>The longest time without an admission of those that begin when the owner's leases run out, in seconds.</summary>
    private static double LongestPause(Run run, long killed)
    {
        long[] admitted = [.. run.Samples.Where(s => s.IsAdmitted && s.Answered >= killed).Select(s => s.Answered).Prepend(killed).Append(run.Stop).Order()];
        return admitted.Zip(admitted.Skip(1))
            .Where(pair => pair.First < killed + (long)PauseBegins.TotalNanoseconds)
            .Max(pair => pair.Second - pair.First) / 1e9;
    }

    private static Task DelayUntilAsync(long time) => Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, (time - Clock.Now) / 1_000_000)));
}

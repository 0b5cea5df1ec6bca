using MeliProxy.ControlBench.Commands;
using MeliProxy.SharingBench;
using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.ControlBench;

/// <summary>The limit of a rule is changed again and again, by NATS and by REST in turn, while all sidecars have requests to proxy.</summary>
public static class ChangesUnderLoad
{
    private const string Domain = "control";
    private const int FirstLimit = 5_000_000;
    private const int Month = 30 * 24 * 60 * 60;
    private const int WarmUp = 4;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Bench bench)
    {
        int count = bench.Options.IsQuick ? 30 : 200;
        BenchRule changed = new("changed") { Limit = FirstLimit, FixedWindow = Month, Scope = "local" };
        BenchRule untouched = new("untouched") { Limit = FirstLimit, FixedWindow = Month, Scope = "local" };
        int port = Servers.FreePort();
        using Child nats = await Servers.StartNatsAsync(Path.Combine(bench.Folder, "nats"), port);
        using Fleet fleet = await Fleet.StartAsync(bench, Domain, Bench.Nodes, port, changed, untouched);
        Target[] targets = [.. fleet.Proxies.Select(proxy => new Target(proxy, changed, untouched))];
        await using NatsWay byNats = new($"nats://127.0.0.1:{port}", Domain);
        using RestWay byRest = new([.. fleet.Proxies.Select(proxy => proxy.Admin!)]);
        await WaitForStoreAsync(byNats, changed);

        using CancellationTokenSource end = new();
        Task load = Task.WhenAll(targets.Select(target => Task.Run(() => target.LoadAsync(end.Token))));
        List<Change> changes = [];
        for (int i = 1; i <= WarmUp + count; i++)
        {
            Change change = await ChangeAsync(i % 2 == 0 ? byRest : byNats, changed with { Limit = FirstLimit + i }, targets);
            if (i > WarmUp)
            {
                changes.Add(change);
            }

            await Task.WhenAll(targets.Select(target => target.CountAsync()));

            // Pauses of different length, so that the changes meet whatever the sidecars do at regular times.
            await Task.Delay(50 + (i * 37 % 100));
        }

        await end.CancelAsync();
        await load;
        bool[] kept = await Task.WhenAll(targets.Select(target => target.HasKeptCountsAsync()));
        Tell(bench.Report, changes, targets, kept);
        foreach (Target target in targets)
        {
            target.Dispose();
        }
    }

    /// <summary>Sends a command, and looks at all sidecars from the same moment on.</summary>
    private static async Task<Change> ChangeAsync(ICommandWay way, BenchRule rule, Target[] targets)
    {
        long sent = Clock.Now;
        Task<long> answered = AnsweredAsync();
        long[] seen = await Task.WhenAll(targets.Select(target => Task.Run(() => target.SeeLimitAsync(rule.Limit))));
        return new Change(way.Name, (await answered - sent) / 1e6, [.. seen.Select(time => (time - sent) / 1e6)]);

        async Task<long> AnsweredAsync()
        {
            await way.PutRuleAsync(rule.Name, rule.ToJson());
            return Clock.Now;
        }
    }

    /// <summary>The sidecars take commands once they know what rules the domain has.</summary>
    private static async Task WaitForStoreAsync(NatsWay way, BenchRule rule)
    {
        long end = Clock.Now + (long)StartPatience.TotalNanoseconds;
        while (true)
        {
            try
            {
                await way.PutRuleAsync(rule.Name, rule.ToJson());
                return;
            }
            catch (InvalidOperationException) when (Clock.Now < end)
            {
                await Task.Delay(200);
            }
        }
    }

    private static void Tell(BenchReport report, List<Change> changes, Target[] targets, bool[] kept)
    {
        report.Title("The limit of one rule, changed under load");
        report.Line($"{changes.Count} changes, {targets.Length} sidecars, {targets.Sum(target => target.Requests)} requests. Times are in ms from when the command was sent.");
        report.Line($"");
        report.Line($"| by | changes | answered p50 | p99 | in force at the first sidecar p50 | p99 | at any p50 | p99 | max | at all p50 | p99 |");
        report.Line($"|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (IGrouping<string, Change> way in changes.GroupBy(change => change.Way))
        {
            double[] answered = [.. way.Select(change => change.Answered)];
            double[] seen = [.. way.SelectMany(change => change.Seen)];
            double[] first = [.. way.Select(change => change.Seen.Min())];
            double[] last = [.. way.Select(change => change.Seen.Max())];
            report.Line(
                $"| {way.Key} | {answered.Length} | {Quantile.Of(answered, 0.5):F1} | {Quantile.Of(answered, 0.99):F1} | {Quantile.Of(first, 0.5):F1} | {Quantile.Of(first, 0.99):F1} | {Quantile.Of(seen, 0.5):F1} | {Quantile.Of(seen, 0.99):F1} | {seen.Max():F1} | {Quantile.Of(last, 0.5):F1} | {Quantile.Of(last, 0.99):F1} |");
        }

        double[] all = [.. changes.SelectMany(change => change.Seen)];
        report.Line($"");
        report.Line($"Both rules counted every request, and no other, at {kept.Count(isKept => isKept)} of {kept.Length} sidecars.");
        report.Value("control.apply_p50_ms", Quantile.Of(all, 0.5));
        report.Value("control.apply_p99_ms", Quantile.Of(all, 0.99));
        report.Value("control.apply_max_ms", all.Max());
        report.Value("control.command_p50_ms", Quantile.Of(changes.Select(change => change.Answered), 0.5));
        report.Value("control.command_p99_ms", Quantile.Of(changes.Select(change => change.Answered), 0.99));
        report.Value("control.request_p99_ms", Quantile.Of(targets.SelectMany(target => target.LoadTimes), 0.99));
        report.Value("control.failed_requests", targets.Sum(target => target.Failed));
        report.Value("control.kept_counts", Array.TrueForAll(kept, isKept => isKept) ? 1 : 0);
    }
}

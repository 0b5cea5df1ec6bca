using MeliProxy.LoadBench.Load;
using MeliProxy.LoadBench.Proxies;
using MeliProxy.SharingBench.Load;

namespace MeliProxy.LoadBench.Scenarios;

/// <summary>As much load as the sidecar can take, for long: does its memory grow, does anything fail?</summary>
public static class Soak
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Bench bench, int minutes)
    {
        ProxyKind kind = bench.Proxies.Single(kind => kind.Name == SidecarProxy.SidecarName);
        using RunningProxy proxy = await RunningProxy.StartAsync(kind, bench.CreateSetup("soak"));
        List<(TimeSpan At, double Megabytes)> samples = [];
        long start = Clock.Now;
        Task<LoadResult> load = new WrkLoad("/items").RunAsync(proxy, minutes * 60);
        do
        {
            samples.Add((TimeSpan.FromMicroseconds((Clock.Now - start) / 1e3), proxy.Process.Memory));
            await Task.WhenAny(load, Task.Delay(SampleInterval));
        }
        while (!load.IsCompleted);
        LoadResult result = await load;
        samples.Add((TimeSpan.FromMicroseconds((Clock.Now - start) / 1e3), proxy.Process.Memory));
        long errors = result.Rejected + result.Failures;
        if (errors > 0)
        {
            bench.Errors.Add($"soak: {result.Rejected} answers with a status other than 2xx, {result.Failures} requests or connections failed");
        }

        double rate = result.Answers / result.Duration.TotalSeconds;
        double max = samples.Max(sample => sample.Megabytes);
        bench.Report.Title($"{minutes} minutes of full load on the sidecar: GET, 300 bytes, {WrkLoad.UsualConnections} connections");
        bench.Report.Line($"{result.Answers} requests, {rate:F0} a second, {errors} errors. RSS in MB, looked at every {SampleInterval.TotalSeconds:0} s:");
        bench.Report.Line($"{samples[0].Megabytes:F1} at the start, {max:F1} at most, {samples[^1].Megabytes:F1} at the end.");
        bench.Report.Line($"");
        bench.Report.Line($"| minute | RSS at its end MB | most MB |");
        bench.Report.Line($"|---|---|---|");
        foreach (IGrouping<int, (TimeSpan At, double Megabytes)> minute in samples.Where(sample => sample.At.TotalMinutes < minutes).GroupBy(sample => (int)sample.At.TotalMinutes))
        {
            bench.Report.Line($"| {minute.Key + 1} | {minute.Last().Megabytes:F1} | {minute.Max(sample => sample.Megabytes):F1} |");
        }

        bench.Report.Value("soak.rss_start_mb", samples[0].Megabytes);
        bench.Report.Value("soak.rss_max_mb", max);
        bench.Report.Value("soak.rss_end_mb", samples[^1].Megabytes);
        bench.Report.Value("soak.requests", result.Answers);
        bench.Report.Value("soak.errors", errors);
        bench.Report.Value("soak.rps", rate);
    }
}

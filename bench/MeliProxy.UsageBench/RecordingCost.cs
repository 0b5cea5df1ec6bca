using MeliProxy.SharingBench;
using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;
using MeliProxy.SharingBench.Scenarios;

namespace MeliProxy.UsageBench;

/// <summary>What recording costs a sidecar that has a processor to itself: the same load with recording and without it, in turn.</summary>
public static class RecordingCost
{
    private const string On = "on";
    private const string Off = "off";
    private const int Connections = 64;

    public static async Task RunAsync(Bench bench)
    {
        Proxy on = await StartAsync(bench, On, record: true);
        Proxy off = await StartAsync(bench, Off, record: false);
        Pinning.Pin(on.Process.Id, "0");
        Pinning.Pin(off.Process.Id, "0");
        Pinning.Pin(Environment.ProcessId, $"{Math.Min(1, Environment.ProcessorCount - 1)}");
        List<(Cost On, Cost Off)> pairs = [];

        // Short turns and many of them: what else happens on the machine comes and goes within seconds, and is to hit both alike.
        TimeSpan duration = bench.Time(1, 0.5);
        try
        {
            // What is not warm yet is not measured.
            await MeasureAsync(on, duration);
            await MeasureAsync(off, duration);
            int count = bench.Options.IsQuick ? 24 : 80;
            for (int i = 0; i < count; i++)
            {
                bool onFirst = i % 2 == 0;
                Cost a = await MeasureAsync(onFirst ? on : off, duration);
                Cost b = await MeasureAsync(onFirst ? off : on, duration);
                pairs.Add(onFirst ? (a, b) : (b, a));
            }
        }
        finally
        {
            Pinning.Pin(Environment.ProcessId, Pinning.AllProcessors);
        }

        double withRecording = Median.Of(pairs.Select(pair => pair.On.Cpu));
        double without = Median.Of(pairs.Select(pair => pair.Off.Cpu));
        bench.Report.Title("What recording costs the sidecar");
        bench.Report.Line($"One sidecar at a time on a processor of its own, three rules, {Connections} connections; load and upstream on the other processor.");
        bench.Report.Line($"");
        bench.Report.Line($"| pair | on µs/request | off µs/request | ratio | on requests/s | off requests/s |");
        bench.Report.Line($"|---|---|---|---|---|---|");
        foreach (((Cost x, Cost y), int i) in pairs.Select((pair, i) => (pair, i + 1)))
        {
            bench.Report.Line($"| {i} | {x.Cpu:F2} | {y.Cpu:F2} | {x.Cpu / y.Cpu:F3} | {x.Rate:F0} | {y.Rate:F0} |");
        }

        bench.Report.Value("usage.on.cpu_us", withRecording);
        bench.Report.Value("usage.off.cpu_us", without);
        bench.Report.Value("usage.overhead_ratio", withRecording / without);
        bench.Report.Value("usage.overhead_ratio_of_pairs", Median.Of(pairs.Select(pair => pair.On.Cpu / pair.Off.Cpu)));
    }

    /// <summary>A sidecar that differs from the other only in what it records.</summary>
    private static async Task<Proxy> StartAsync(Bench bench, string name, bool record)
    {
        string folder = Path.Combine(bench.Folder, name);
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, "meliproxy.json");
        await File.WriteAllTextAsync(file, $$"""
            {
              "upstream": "{{bench.Upstream.Url}}",
              "listen": "http://127.0.0.1:0",
              "admin": { "listen": "http://127.0.0.1:0" },
              "state": null,
              "usage": { "record": {{(record ? "true" : "false")}} },
              "rules": [
                { "name": "per-ip", "key": ["client-ip"], "limit": 1000000, "window": "1s" },
                { "name": "per-path", "key": ["path"], "limit": 1000000, "window": "1s" },
                { "name": "ip-path", "key": ["client-ip", "path"], "limit": 1000000, "window": "1s" }
              ]
            }
            """);
        return await Proxy.StartAsync(name, bench.Options.Sidecar, folder, "--config", file);
    }

    private static async Task<Cost> MeasureAsync(Proxy proxy, TimeSpan duration)
    {
        ClientConnection[] connections = [.. Enumerable.Range(0, Connections).Select(_ => new ClientConnection(proxy.Listen))];
        TimeSpan before = proxy.Process.ProcessorTime;
        long end = Clock.Now + (long)duration.TotalNanoseconds;
        int[] counts = await Task.WhenAll(connections.Select((connection, i) => Task.Run(() => AskAsync(connection, i, end))));
        TimeSpan spent = proxy.Process.ProcessorTime - before;
        foreach (ClientConnection connection in connections)
        {
            connection.Dispose();
        }

        return new Cost(spent.TotalMicroseconds / counts.Sum(), counts.Sum() / duration.TotalSeconds);
    }

    private static async Task<int> AskAsync(ClientConnection connection, int number, long end)
    {
        byte[] request = System.Text.Encoding.ASCII.GetBytes($"GET /categories/MLA{number} HTTP/1.1\r\nHost: bench\r\n\r\n");
        int count = 0;
        while (Clock.Now < end)
        {
            int status = await connection.AskAsync(request, default);
            count += status == 200 ? 1 : throw new InvalidOperationException($"a request was answered with {status}");
        }

        return count;
    }

    private sealed record Cost(double Cpu, double Rate);
}

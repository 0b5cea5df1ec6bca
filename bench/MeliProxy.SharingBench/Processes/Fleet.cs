using System.Net;
using MeliProxy.SharingBench.Load;

namespace MeliProxy.SharingBench.Processes;

/// <summary>Proxies that share quotas.</summary>
/// <param name="Proxies">Them.</param>
public sealed record Fleet(IReadOnlyList<Proxy> Proxies) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public IReadOnlyList<IPEndPoint> EndPoints => [.. Proxies.Select(p => p.Listen)];

    /// <summary>The processor time of all of them so far.</summary>
    public TimeSpan ProcessorTime => Proxies.Aggregate(TimeSpan.Zero, (sum, proxy) => sum + proxy.Process.ProcessorTime);

    /// <summary>Starts sidecars, and waits until all of them know how many they are.</summary>
    /// <param name="bench">What the bench runs on.</param>
    /// <param name="name">The domain.</param>
    /// <param name="count">How many.</param>
    /// <param name="nats">The port of the NATS server.</param>
    /// <param name="rules">The rules. Each matches the path that is its name.</param>
    public static async Task<Fleet> StartAsync(Bench bench, string name, int count, int nats, params BenchRule[] rules)
    {
        Fleet fleet = await StartAsync(bench, bench.Options.Sidecar, name, count, $"\"nats://127.0.0.1:{nats}\"", rules, "--config");
        await fleet.WaitAsync(NodeView.KnowsAll);
        return fleet;
    }

    /// <summary>Starts proxies with the same pipeline whose quotas are in Redis.</summary>
    public static Task<Fleet> StartAskingRedisAsync(Bench bench, string name, int count, int redis, params BenchRule[] rules) =>
        StartAsync(bench, bench.Options.RedisProxy, name, count, "null", rules, $"127.0.0.1:{redis}");

    /// <summary>Waits until it is seen so of all nodes, asking any of them, and gives the seconds that took.</summary>
    public async Task<double> WaitAsync(Func<IReadOnlyList<NodeView>, int, bool> isSo)
    {
        long start = Clock.Now;
        while (Clock.Now - start < Patience.TotalNanoseconds)
        {
            if (isSo(await AskNodesAsync(), Proxies.Count))
            {
                return (Clock.Now - start) / 1e9;
            }

            await Task.Delay(50);
        }

        return double.PositiveInfinity;
    }

    /// <summary>What the sidecars tell of themselves, asked through the last of them.</summary>
    public Task<IReadOnlyList<NodeView>> AskNodesAsync() => NodeView.AskAsync(Proxies[^1].Admin!);

    public void Dispose()
    {
        foreach (Proxy proxy in Proxies)
        {
            proxy.Process.Dispose();
        }
    }

    private static async Task<Fleet> StartAsync(
        Bench bench, string program, string name, int count, string nats, BenchRule[] rules, string firstArgument)
    {
        List<Proxy> proxies = [];
        for (int i = 0; i < count; i++)
        {
            string folder = Path.Combine(bench.Folder, name, $"{i}");
            Directory.CreateDirectory(folder);
            string file = Path.Combine(folder, "meliproxy.json");
            await File.WriteAllTextAsync(file, $$"""
                {
                  "upstream": "{{bench.Upstream.Url}}",
                  "listen": "http://127.0.0.1:0",
                  "admin": { "listen": "http://127.0.0.1:0" },
                  "sharing": { "nats": {{nats}}, "domain": "{{name}}", "node": "{{i}}" },
                  "state": null,
                  "rules": [{{string.Join(", ", rules.Select(rule => rule.ToJson()))}}]
                }
                """);
            proxies.Add(await Proxy.StartAsync($"{i}", program, folder, firstArgument, file));
        }

        return new Fleet(proxies);
    }
}

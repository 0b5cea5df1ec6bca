using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using MeliProxy.RateLimiting.Nats.Tests.Server;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>Real sidecars that share one rule over a real NATS server.</summary>
internal sealed class SharingFleet : IAsyncDisposable
{
    private readonly PublishedBinary _binary;
    private readonly TemporaryFolder _folder = new();
    private readonly List<SidecarProcess> _sidecars = [];
    private readonly string _configuration;

    private SharingFleet(PublishedBinary binary, string rule, string nats, Uri upstream)
    {
        _binary = binary;
        _configuration = _folder.Write(
            "fleet.json",
            $$"""
            { "upstream": "{{upstream}}", "sharing": { "nats": "{{nats}}" }, "state": null,
              "rules": [ { "name": "shared", "key": ["global"], "scope": "shared", {{rule}} } ] }
            """);
    }

    public IReadOnlyList<SidecarProcess> Sidecars => _sidecars;

    /// <summary>Starts sidecars, whether or not the NATS server runs.</summary>
    public static async Task<SharingFleet> StartAsync(PublishedBinary binary, NatsServer nats, TestUpstream upstream, int count, string rule)
    {
        SharingFleet fleet = new(binary, rule, nats.Url, upstream.Address);
        for (int i = 0; i < count; i++)
        {
            await fleet.AddAsync();
        }

        return fleet;
    }

    public async Task<SidecarProcess> AddAsync()
    {
        SidecarProcess sidecar = await SidecarProcess.StartInAsync(_binary, _folder.Path, "run", "--config", _configuration);
        _sidecars.Add(sidecar);
        return sidecar;
    }

    /// <summary>Waits until all sidecars know each other.</summary>
    public Task WaitUntilJoinedAsync() => Eventually.TrueAsync(async () =>
    {
        await Task.Delay(50, TestContext.Current.CancellationToken);
        JsonElement[] all = await Task.WhenAll(_sidecars.Select(DescribeAsync));
        return all.All(n => n.GetProperty("members").GetInt32() >= _sidecars.Count && !IsCutOff(n));
    });

    public static async Task<bool> IsCutOffAsync(SidecarProcess sidecar) => IsCutOff(await DescribeAsync(sidecar));

    /// <summary>The sidecar that owns the shard of the key.</summary>
    public async Task<SidecarProcess> FindOwnerAsync()
    {
        foreach (SidecarProcess sidecar in _sidecars)
        {
            JsonElement shards = (await DescribeAsync(sidecar)).GetProperty("shards");
            if (shards.EnumerateArray().Any(s => s.GetProperty("owned").GetBoolean() && s.GetProperty("keys").GetInt32() > 0))
            {
                return sidecar;
            }
        }

        throw new InvalidOperationException("no sidecar owns the key's shard");
    }

    /// <summary>Asks all sidecars again and again; the times at which requests passed, and the longest that one took.</summary>
    public async Task<(IReadOnlyCollection<DateTimeOffset> Admitted, TimeSpan Longest)> AskAsync(TimeSpan duration, TimeSpan pause)
    {
        ConcurrentBag<DateTimeOffset> admitted = [];
        ConcurrentBag<TimeSpan> times = [];
        using CancellationTokenSource end = new(duration);
        await Task.WhenAll(_sidecars.Select(sidecar => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                long began = Stopwatch.GetTimestamp();
                try
                {
                    using HttpResponseMessage answer = await sidecar.Client.GetAsync(new Uri("/", UriKind.Relative), end.Token);
                    times.Add(Stopwatch.GetElapsedTime(began));
                    if (answer.StatusCode == HttpStatusCode.OK)
                    {
                        admitted.Add(TimeProvider.System.GetUtcNow());
                    }
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
                {
                    // It was killed or stands still.
                    await Task.Delay(pause, CancellationToken.None);
                }

                await Task.Delay(pause, CancellationToken.None);
            }
        })));
        return (admitted, times.DefaultIfEmpty().Max());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SidecarProcess sidecar in _sidecars)
        {
            await sidecar.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static bool IsCutOff(JsonElement node) => node.GetProperty("rules")[0].GetProperty("cutOff").GetBoolean();

    /// <summary>What a sidecar tells of itself.</summary>
    private static async Task<JsonElement> DescribeAsync(SidecarProcess sidecar)
    {
        string json = await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, "/api/v1/nodes"), TestContext.Current.CancellationToken);
        using JsonDocument document = JsonDocument.Parse(json);
        string port = $":{sidecar.Client.BaseAddress!.Port}";
        return document.RootElement.GetProperty("nodes").EnumerateArray()
            .First(n => n.GetProperty("node").GetString()!.EndsWith(port, StringComparison.Ordinal)).Clone();
    }
}

using System.Text;
using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.TelemetryBench;

/// <summary>A sidecar with telemetry set up one way, and its processor time for a request.</summary>
public sealed class Subject
{
    private const int Connections = 16;

    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET /items/MLA1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    private static readonly HttpClient Scraper = new();

    private readonly Proxy _proxy;

    private Subject(Variant variant, Proxy proxy)
    {
        Variant = variant;
        _proxy = proxy;
    }

    public Variant Variant { get; }

    /// <summary>Microseconds for a request, by round.</summary>
    public List<double> Costs { get; } = [];

    public static async Task<Subject> StartAsync(Variant variant, string program, string folder, string upstream, string collector)
    {
        string own = Path.Combine(folder, variant.Name);
        Directory.CreateDirectory(own);
        string file = Path.Combine(own, "meliproxy.json");
        await File.WriteAllTextAsync(file, $$"""
            {
              "listen": "http://127.0.0.1:0",
              "admin": { "listen": "http://127.0.0.1:0" },
              "upstream": "{{upstream}}",
              "rules": [ { "name": "per-ip", "key": ["client-ip"], "limit": 1000000, "window": "1s" } ],
              "telemetry": {{variant.Settings.Replace("COLLECTOR", collector, StringComparison.Ordinal)}}
            }
            """);
        Proxy proxy = await Proxy.StartAsync(variant.Name, program, own, "--config", file);
        Pinning.Pin(proxy.Process.Id, "0");
        return new Subject(variant, proxy);
    }

    /// <summary>Asks as much as it can answer for a while.</summary>
    public async Task<double> MeasureAsync(TimeSpan duration)
    {
        using CancellationTokenSource end = new(duration);
        TimeSpan before = _proxy.Process.ProcessorTime;
        Task scrapes = Variant.IsScraped ? ScrapeAsync(end.Token) : Task.CompletedTask;
        int[] counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => AskAsync(end.Token))));
        await scrapes;
        return (_proxy.Process.ProcessorTime - before).TotalMicroseconds / counts.Sum();
    }

    private async Task<int> AskAsync(CancellationToken end)
    {
        using ClientConnection connection = new(_proxy.Listen);
        int count = 0;
        while (!end.IsCancellationRequested)
        {
            int status = await connection.AskAsync(Request, default);
            count += status == 200 ? 1 : throw new InvalidOperationException($"{Variant.Name} answered {status}");
        }

        return count;
    }

    private async Task ScrapeAsync(CancellationToken end)
    {
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1));
        do
        {
            await Scraper.GetStringAsync(new Uri(_proxy.Admin!, "/metrics"), CancellationToken.None);
        }
        while (!end.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None));
    }
}

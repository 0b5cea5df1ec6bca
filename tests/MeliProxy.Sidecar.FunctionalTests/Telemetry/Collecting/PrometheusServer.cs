using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.FunctionalTests.Telemetry.Collecting;

/// <summary>A Prometheus of a test's own that scrapes one target each second: a free loopback port, data in a temporary folder.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/prometheus";
    private const int Attempts = 5;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();
    private Process? _process;

    private PrometheusServer()
    {
    }

    public static async Task<PrometheusServer> StartAsync(Uri target, string token)
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed (Debian package prometheus).");
        PrometheusServer server = new();
        string configuration = server._folder.Write(
            "prometheus.yml",
            $$"""
            scrape_configs:
              - job_name: meliproxy
                scrape_interval: 1s
                scrape_timeout: 1s
                authorization: { credentials: {{token}} }
                static_configs: [ { targets: [ "{{target.Authority}}" ] } ]
            """);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await server.StartAsync(configuration);
                return server;
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
                // Another process took the port that was free.
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>The sum of what an expression gives; not a number if it gives nothing.</summary>
    public async Task<double> QueryAsync(string expression, CancellationToken cancellationToken)
    {
        string answer = await _client.GetStringAsync(
            new Uri($"/api/v1/query?query={Uri.EscapeDataString($"sum({expression})")}", UriKind.Relative), cancellationToken);
        using JsonDocument document = JsonDocument.Parse(answer);
        JsonElement result = document.RootElement.GetProperty("data").GetProperty("result");
        return result.GetArrayLength() == 0
            ? double.NaN
            : double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _client.Dispose();
        _folder.Dispose();
    }

    private async Task StartAsync(string configuration)
    {
        int port = FreePort();
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(
                Program,
                [
                    "--config.file", configuration,
                    "--storage.tsdb.path", Path.Combine(_folder.Path, "data"),
                    "--web.listen-address", $"127.0.0.1:{port}",
                ])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            },
        };
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                ready.TrySetException(new InvalidOperationException("prometheus ended before it was ready."));
            }
            else if (line.Data.Contains("Server is ready", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            await ready.Task.WaitAsync(StartTimeout);
        }
        catch
        {
            await EndAsync();
            throw;
        }

        _client.BaseAddress = new Uri($"http://127.0.0.1:{port}");
    }

    private async Task EndAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            _process = null;
        }
    }

    /// <summary>Not one of those that the system deals out, lest somebody else is dealt it before it is used.</summary>
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, Random.Shared.Next(15_000, 30_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}

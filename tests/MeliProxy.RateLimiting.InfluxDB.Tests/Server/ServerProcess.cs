using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.Server;

/// <summary>A database of a test's own that can be killed, held and started again: a loopback port, data in a temporary folder, gone afterwards.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly string _program;
    private readonly Func<string, int, string[]> _arguments;
    private readonly string _folder;
    private readonly string _health;
    private readonly HttpClient _client;
    private Process? _process;

    private ServerProcess(string program, Func<string, int, string[]> arguments, string folder, string health)
    {
        _program = program;
        _arguments = arguments;
        _folder = folder;
        _health = health;
        Port = FreePort();
        Url = new Uri($"http://127.0.0.1:{Port}");
        _client = new HttpClient { BaseAddress = Url };
    }

    public int Port { get; }

    public Uri Url { get; }

    /// <summary>An InfluxDB 1.x with a database <c>usage</c>.</summary>
    public static async Task<ServerProcess> StartInfluxAsync(string settings = "")
    {
        Assert.SkipUnless(File.Exists("/usr/bin/influxd"), "influxd is not installed (Debian package influxdb).");
        string folder = Directory.CreateTempSubdirectory("influxd-").FullName;
        ServerProcess server = new("/usr/bin/influxd", (data, port) => ["-config", WriteConfiguration(data, port, settings)], folder, "/ping");
        try
        {
            await server.StartAsync();
            await server.QueryAsync("CREATE DATABASE usage");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A VictoriaMetrics.</summary>
    public static async Task<ServerProcess> StartVictoriaMetricsAsync()
    {
        Assert.SkipUnless(
            File.Exists("/usr/bin/victoria-metrics"), "victoria-metrics is not installed (Debian package victoria-metrics).");
        string folder = Directory.CreateTempSubdirectory("victoria-metrics-").FullName;
        ServerProcess server = new(
            "/usr/bin/victoria-metrics",
            (data, port) =>
            [
                $"-storageDataPath={data}", string.Create(CultureInfo.InvariantCulture, $"-httpListenAddr=127.0.0.1:{port}"),
                "-retentionPeriod=100y",
            ],
            folder, "/health");
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, or starts it again with the same port and data.</summary>
    public async Task StartAsync()
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(_program, _arguments(_folder, Port)) { RedirectStandardError = true, RedirectStandardOutput = true },
        };
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        long start = TimeProvider.System.GetTimestamp();
        while (!await IsHealthyAsync())
        {
            Assert.False(_process.HasExited, $"{_program} ended with {(_process.HasExited ? _process.ExitCode : 0)}.");
            Assert.True(TimeProvider.System.GetElapsedTime(start) < StartTimeout, $"{_program} did not start.");
            await Task.Delay(Interval);
        }
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Keeps it from running; it still accepts connections and says nothing.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets it run again.</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>Asks an InfluxDB.</summary>
    public async Task<string> QueryAsync(string query)
    {
        Uri uri = new($"/query?epoch=ms&db=usage&q={Uri.EscapeDataString(query)}", UriKind.Relative);
        using HttpResponseMessage answer = await _client.PostAsync(uri, null);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Gets a page.</summary>
    public Task<string> GetAsync(string page) => _client.GetStringAsync(new Uri(page, UriKind.Relative));

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is not null)
        {
            await KillAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string WriteConfiguration(string folder, int port, string settings)
    {
        string file = Path.Combine(folder, "influxdb.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:0"
            [meta]
            dir = "{folder}/meta"
            [data]
            dir = "{folder}/data"
            wal-dir = "{folder}/wal"
            [monitor]
            store-enabled = false
            [http]
            bind-address = "127.0.0.1:{port}"
            log-enabled = false
            {settings}
            """));
        return file;
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

    private async Task<bool> IsHealthyAsync()
    {
        try
        {
            using HttpResponseMessage answer = await _client.GetAsync(new Uri(_health, UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {_process!.Id}")]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}

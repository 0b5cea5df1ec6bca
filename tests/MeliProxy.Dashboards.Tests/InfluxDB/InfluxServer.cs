using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MeliProxy.Dashboards.Tests.InfluxDB;

/// <summary>An InfluxDB 1.x of a test's own: free loopback ports, data in a temporary folder, gone afterwards.</summary>
internal sealed partial class InfluxServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/influxd";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly string _folder = Directory.CreateTempSubdirectory("influxd-").FullName;
    private Process? _process;

    private InfluxServer()
    {
    }

    public Uri Url => _client.BaseAddress!;

    public static async Task<InfluxServer> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"{Program} is not installed (Debian package influxdb).");
        var server = new InfluxServer();
        try
        {
            await server.StartProcessAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Sends one statement, which has to succeed.</summary>
    public async Task<IReadOnlyList<Series>> QueryAsync(string statement)
    {
        using var form = new FormUrlEncodedContent([new("q", statement), new("epoch", "ms")]);
        using HttpResponseMessage answer = await _client.PostAsync(
            new Uri("/query", UriKind.Relative), form, TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode && !text.Contains("\"error\"", StringComparison.Ordinal), $"{statement}\n{text}");
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.GetProperty("results")[0].TryGetProperty("series", out JsonElement series)
            ? series.Deserialize<Series[]>(Json)!
            : [];
    }

    /// <summary>The fields of a measurement, in order.</summary>
    public async Task<string[]> FieldsAsync(string measurement, string retentionPolicy)
    {
        IReadOnlyList<Series> series = await QueryAsync($"SHOW FIELD KEYS ON \"meliproxy\" FROM \"{retentionPolicy}\".\"{measurement}\"");
        return [.. Assert.Single(series).Values.Select(row => row[0].GetString()!).Order(StringComparer.Ordinal)];
    }

    /// <summary>Writes lines with timestamps in milliseconds, all of which have to be taken.</summary>
    public async Task WriteAsync(string retentionPolicy, IEnumerable<string> lines)
    {
        foreach (string[] batch in lines.Chunk(5000))
        {
            using var body = new StringContent(string.Join('\n', batch), Encoding.UTF8);
            using HttpResponseMessage answer = await _client.PostAsync(
                new Uri($"/write?db=meliproxy&rp={retentionPolicy}&precision=ms", UriKind.Relative), body, TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    private async Task StartProcessAsync()
    {
        string configuration = Path.Combine(_folder, "influxdb.conf");
        await File.WriteAllTextAsync(configuration, $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:0"
            [meta]
            dir = "{_folder}/meta"
            [data]
            dir = "{_folder}/data"
            wal-dir = "{_folder}/wal"
            [monitor]
            store-enabled = false
            [continuous_queries]
            run-interval = "1s"
            log-enabled = false
            [http]
            bind-address = "127.0.0.1:0"
            log-enabled = false
            """);

        var address = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(Program, ["-config", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true },
        };
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                address.TrySetException(new InvalidOperationException("influxd ended before it listened."));
            }
            else if (ListeningLine().Match(line.Data) is { Success: true } match)
            {
                address.TrySetResult(match.Groups[1].Value);
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client.BaseAddress = new Uri($"http://{await address.Task.WaitAsync(StartTimeout)}");
    }

    [GeneratedRegex("""Listening on HTTP.* addr=(127\.0\.0\.1:\d+)""")]
    private static partial Regex ListeningLine();
}

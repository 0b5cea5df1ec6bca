using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using MeliProxy.RateLimiting.InfluxDB.LineProtocol;
using MeliProxy.RateLimiting.InfluxDB.Tests.Server;

[assembly: AssemblyFixture(typeof(InfluxServer))]

namespace MeliProxy.RateLimiting.InfluxDB.Tests.Server;

/// <summary>An InfluxDB 1.x of the tests' own: free loopback ports, data in a temporary folder, gone afterwards.</summary>
public sealed partial class InfluxServer : IAsyncLifetime
{
    private const string Program = "/usr/bin/influxd";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client = new();
    private string? _folder;
    private Process? _process;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
        {
            return;
        }

        try
        {
            await StartAsync();
        }
        catch
        {
            await DisposeAsync();
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

        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Writes a batch into a new database, which must take all of it, and reads everything back.</summary>
    internal async Task<IReadOnlyList<StoredPoint>> WriteAndReadBackAsync(
        TimestampPrecision precision, Action<LineProtocolWriter> content, CancellationToken cancellationToken)
    {
        Assert.SkipWhen(_process is null, $"{Program} is not installed (Debian package influxdb).");
        string database = $"t{Guid.NewGuid():N}";
        using (HttpResponseMessage created = await _client.PostAsync(Query($"CREATE DATABASE {database}"), null, cancellationToken))
        {
            created.EnsureSuccessStatusCode();
        }

        var output = new ArrayBufferWriter<byte>();
        content(new LineProtocolWriter(output, precision));
        using (var body = new ReadOnlyMemoryContent(output.WrittenMemory))
        {
            var write = new Uri($"/write?db={database}&precision={precision.ToWriteParameter()}", UriKind.Relative);
            using HttpResponseMessage written = await _client.PostAsync(write, body, cancellationToken);
            Assert.Equal("", await written.Content.ReadAsStringAsync(cancellationToken));
            Assert.Equal(HttpStatusCode.NoContent, written.StatusCode);
        }

        await using Stream answer = await _client.GetStreamAsync(
            Query("SELECT * FROM /.*/ GROUP BY *", database), cancellationToken);
        using JsonDocument document = await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
        JsonElement result = document.RootElement.GetProperty("results")[0];
        return result.TryGetProperty("series", out JsonElement series) ? [.. series.EnumerateArray().SelectMany(Points)] : [];
    }

    private async Task StartAsync()
    {
        _folder = Directory.CreateTempSubdirectory("influxd-").FullName;
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
        using HttpResponseMessage ping = await _client.GetAsync(new Uri("/ping", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, ping.StatusCode);
    }

    private static Uri Query(string text, string database = "") =>
        new($"/query?epoch=ns&db={database}&q={Uri.EscapeDataString(text)}", UriKind.Relative);

    private static IEnumerable<StoredPoint> Points(JsonElement series)
    {
        // Every series of an answer names every tag key of the answer; those it lacks are empty.
        Dictionary<string, string> tags = !series.TryGetProperty("tags", out JsonElement all)
            ? []
            : all.EnumerateObject().Where(tag => tag.Value.GetString() != "").ToDictionary(tag => tag.Name, tag => tag.Value.GetString()!);
        string[] columns = [.. series.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];
        foreach (JsonElement row in series.GetProperty("values").EnumerateArray())
        {
            yield return new StoredPoint(
                series.GetProperty("name").GetString()!,
                row[0].GetInt64(),
                tags,
                Enumerable.Range(1, columns.Length - 1)
                    .Where(column => row[column].ValueKind != JsonValueKind.Null)
                    .ToDictionary(column => columns[column], column => row[column].Clone()));
        }
    }

    [GeneratedRegex("""Listening on HTTP.* addr=(127\.0\.0\.1:\d+)""")]
    private static partial Regex ListeningLine();
}

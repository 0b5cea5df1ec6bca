using System.Text.Json;
using MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;
using MeliProxy.RateLimiting.InfluxDB.Tests.Server;

namespace MeliProxy.RateLimiting.InfluxDB.Tests;

/// <summary>What is stored of snapshots that are taken while a real server is killed, hangs and comes back.</summary>
public sealed class OutageTests
{
    private const int Room = 40;
    private int _second;

    [Fact]
    public async Task Every_snapshot_that_the_buffer_could_hold_is_there_exactly_once_after_outages()
    {
        await using ServerProcess server = await ServerProcess.StartInfluxAsync();
        CollectedLog log = new();
        await using InfluxDBUsageSink sink = NewSink(server.Url, log);

        TakeSome(sink, 10);
        await AllStoredAsync(sink);
        await server.KillAsync();
        TakeSome(sink, 10);
        await Eventually.TrueAsync(() => sink.Status.Problem is not null);
        TakeSome(sink, 10);
        await server.StartAsync();
        await AllStoredAsync(sink);

        await server.PauseAsync();
        TakeSome(sink, 15);
        await Eventually.TrueAsync(() => sink.Status.Problem is not null);
        TakeSome(sink, 15);
        await server.ResumeAsync();
        await AllStoredAsync(sink);
        await server.PauseAsync();
        TakeSome(sink, 15);
        await Eventually.TrueAsync(() => sink.Status.Problem is not null);
        await server.KillAsync();
        TakeSome(sink, 15);
        await server.StartAsync();
        await AllStoredAsync(sink);

        Assert.Equal(0, sink.Status.Dropped);
        await AssertStoredAsync(server, Enumerable.Range(1, _second));
        Assert.Equal(1, log.Count(1));
        Assert.InRange(log.Count(2), 3, int.MaxValue);
        Assert.Equal(log.Count(2), log.Count(3));
        Assert.Equal(1 + log.Count(2) + log.Count(3), log.Lines.Count);
    }

    [Fact]
    public async Task The_oldest_are_dropped_and_counted_when_there_is_no_room_and_all_others_are_stored()
    {
        await using ServerProcess server = await ServerProcess.StartInfluxAsync();
        CollectedLog log = new();
        await using InfluxDBUsageSink sink = NewSink(server.Url, log);

        await server.KillAsync();
        TakeSome(sink, Room);
        await Eventually.TrueAsync(() => sink.Status.Problem is not null);
        Assert.Equal(Room, sink.Status.Queued);
        TakeSome(sink, 7);
        Assert.Equal(Room, sink.Status.Queued);
        await server.StartAsync();
        await AllStoredAsync(sink);

        await AssertStoredAsync(server, Enumerable.Range(8, Room));
        Assert.Equal(7, sink.Status.Dropped);
        Assert.Equal(1, log.Count(6));
        Assert.Contains(log.Lines, line => line.EndsWith("snapshots lost meanwhile: 7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_left_is_sent_when_the_sink_is_disposed_of()
    {
        await using ServerProcess server = await ServerProcess.StartInfluxAsync();
        await using (InfluxDBUsageSink sink = new(Options(server.Url, new CollectedLog()) with { FlushInterval = TimeSpan.FromHours(1) }))
        {
            TakeSome(sink, 1);
            await AllStoredAsync(sink);
            TakeSome(sink, 5);
        }

        await AssertStoredAsync(server, Enumerable.Range(1, 6));
    }

    private static InfluxDBUsageSink NewSink(Uri url, CollectedLog log) => new(Options(url, log));

    private static InfluxDBSinkOptions Options(Uri url, CollectedLog log) => new()
    {
        Url = url,
        Database = "usage",
        FlushInterval = TimeSpan.Zero,
        RetryInterval = TimeSpan.FromMilliseconds(50),
        MaxRetryDelay = TimeSpan.FromMilliseconds(100),
        RequestTimeout = TimeSpan.FromSeconds(1),
        MaxBufferedSnapshots = Room,
        BatchSize = 25,
        DisposeTimeout = TimeSpan.FromMinutes(1),
        Loggers = log,
    };

    private static Task AllStoredAsync(InfluxDBUsageSink sink) =>
        Eventually.TrueAsync(() => sink.Status is { Queued: 0, Problem: null });

    private static async Task AssertStoredAsync(ServerProcess server, IEnumerable<int> seconds)
    {
        using JsonDocument nodes = JsonDocument.Parse(await server.QueryAsync("SELECT active_keys FROM proxy_node WHERE node = 'n1'"));
        using JsonDocument rules = JsonDocument.Parse(await server.QueryAsync("SELECT allowed FROM ratelimit_rule WHERE \"rule\" = 'rule-2'"));
        Assert.All([nodes, rules], answer =>
        {
            JsonElement values = answer.RootElement.GetProperty("results")[0].GetProperty("series")[0].GetProperty("values");
            Assert.Equal(
                seconds.Select(second => (AnySnapshot.Start.AddSeconds(second).ToUnixTimeMilliseconds(), (long)second)),
                values.EnumerateArray().Select(row => (row[0].GetInt64(), row[1].GetInt64())));
        });
    }

    private void TakeSome(InfluxDBUsageSink sink, int count)
    {
        for (int i = 0; i < count; i++)
        {
            sink.Take(AnySnapshot.At(++_second, rules: 3));
        }
    }
}

using MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;
using MeliProxy.RateLimiting.InfluxDB.Tests.Server;

namespace MeliProxy.RateLimiting.InfluxDB.Tests;

/// <summary>How requests look and when they are sent.</summary>
public sealed class RequestTests
{
    [Fact]
    public async Task InfluxDB_1_gets_database_and_policy_in_the_query_and_the_password_in_the_header()
    {
        await using ScriptedSink scripted = new(options => options with
        {
            Url = new Uri($"{options.Url}base/"), Database = "a&b", RetentionPolicy = "one week", User = "ü", Password = "p:w",
        });
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.AllDoneAsync();

        ReceivedRequest request = Assert.Single(scripted.Server.Requests);
        Assert.Equal("/base/write?db=a%26b&rp=one%20week&precision=ms", request.Target);
        Assert.Equal("Basic " + Convert.ToBase64String("ü:p:w"u8), request.Headers["Authorization"]);
        Assert.Equal("proxy_node,node=n1 active_keys=1i,evicted_keys=0i,inflight=0i,rss_mb=0,rules_revision=0i 1700000001000\n", request.Body);
    }

    [Fact]
    public async Task InfluxDB_2_gets_organization_and_bucket_in_the_query_and_the_token_in_the_header()
    {
        await using ScriptedSink scripted = new(options => options with { Database = null, Org = "shop", Bucket = "b", Token = "t0ken==" });
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.AllDoneAsync();

        ReceivedRequest request = Assert.Single(scripted.Server.Requests);
        Assert.Equal("/api/v2/write?org=shop&bucket=b&precision=ms", request.Target);
        Assert.Equal("Token t0ken==", request.Headers["Authorization"]);
    }

    [Fact]
    public async Task Requests_are_compressed_if_that_is_worth_it_and_wanted()
    {
        await using ScriptedSink scripted = new();
        await using ScriptedSink plain = new(options => options with { Gzip = false });
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.AllDoneAsync();
        scripted.Sink.Take(AnySnapshot.At(2, rules: 50));
        plain.Sink.Take(AnySnapshot.At(2, rules: 50));
        await scripted.AllDoneAsync();
        await plain.AllDoneAsync();

        Assert.Equal([false, true], scripted.Server.Requests.Select(request => request.IsCompressed));
        Assert.False(Assert.Single(plain.Server.Requests).IsCompressed);
        Assert.Equal(plain.Server.Requests[0].Body, scripted.Server.Requests[1].Body);
    }

    [Fact]
    public async Task A_server_that_does_not_take_compressed_requests_gets_them_as_they_are_from_then_on()
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = request => request.IsCompressed ? ScriptedServer.Status(415) : ScriptedServer.Stored;
        scripted.Sink.Take(AnySnapshot.At(1, rules: 50));
        await scripted.AllDoneAsync();
        scripted.Sink.Take(AnySnapshot.At(2, rules: 50));
        await scripted.AllDoneAsync();

        Assert.Equal([true, false, false], scripted.Server.Requests.Select(request => request.IsCompressed));
        Assert.Null(scripted.Sink.Status.Problem);
    }

    [Fact]
    public async Task The_first_snapshot_is_sent_at_once_and_the_next_ones_together_after_the_interval()
    {
        await using ScriptedSink scripted = new(options => options with { FlushInterval = TimeSpan.FromSeconds(3) });
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.AllDoneAsync();
        scripted.Sink.Take(AnySnapshot.At(2));
        scripted.Sink.Take(AnySnapshot.At(3));
        await scripted.Clock.PassAsync(3);
        await scripted.AllDoneAsync();

        Assert.Equal([1, 2], scripted.Server.Requests.Select(request => request.Lines.Count));
    }

    [Fact]
    public async Task A_random_part_of_the_jitter_is_waited_before_a_request()
    {
        await using ScriptedSink scripted = new(
            options => options with { JitterInterval = TimeSpan.FromSeconds(8), Random = new FixedRandom(0.25) });
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.Clock.PassAsync(2);
        await scripted.AllDoneAsync();
    }

    [Fact]
    public async Task A_request_has_as_many_snapshots_as_fit_and_a_snapshot_that_does_not_is_sent_in_several()
    {
        await using ScriptedSink scripted = new(options => options with { BatchSize = 10, FlushInterval = TimeSpan.FromHours(1) });
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.AllDoneAsync();
        for (int second = 2; second <= 5; second++)
        {
            scripted.Sink.Take(AnySnapshot.At(second, rules: 3));
        }

        scripted.Sink.Take(AnySnapshot.At(6, rules: 24));
        await scripted.Clock.PassAsync(3600);
        await scripted.AllDoneAsync();

        Assert.Equal([1, 8, 8, 10, 10, 5], scripted.Server.Requests.Select(request => request.Lines.Count));
        Assert.Equal(1 + 16 + 25, scripted.Server.Requests.SelectMany(request => request.Lines).Distinct().Count());
    }

    [Fact]
    public async Task Disposing_sends_what_is_left_and_then_takes_nothing()
    {
        await using ScriptedSink scripted = new(options => options with { FlushInterval = TimeSpan.FromHours(1) });
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.AllDoneAsync();
        scripted.Sink.Take(AnySnapshot.At(2));
        await scripted.Sink.DisposeAsync();
        scripted.Sink.Take(AnySnapshot.At(3));
        await scripted.Sink.DisposeAsync();

        Assert.Equal(2, scripted.Server.Requests.Count);
        Assert.Equal(1, scripted.Sink.Status.Dropped);
    }

    [Fact]
    public async Task Disposing_does_not_wait_for_a_server_that_says_nothing_and_tells_what_is_lost()
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Silence;
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.RequestsAsync(1);
        Task disposed = scripted.Sink.DisposeAsync().AsTask();
        scripted.Clock.Advance(TimeSpan.FromSeconds(5));
        await disposed;

        Assert.Equal(1, scripted.Sink.Status.Dropped);
        Assert.Equal(1, scripted.Log.Count(7));
    }

    [Fact]
    public async Task Disposing_tries_once_more_where_the_server_failed()
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Status(503);
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.ProblemAsync();
        scripted.Server.Answer = _ => ScriptedServer.Stored;
        await scripted.Sink.DisposeAsync();

        Assert.Equal(2, scripted.Server.Requests.Count);
        Assert.Equal(0, scripted.Sink.Status.Dropped);
    }
}

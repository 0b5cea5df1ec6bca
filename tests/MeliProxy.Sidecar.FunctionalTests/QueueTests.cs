using System.Net;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class QueueTests
{
    private const string OneAMinuteAndTwoWait = """
        "rules": [ { "name": "slow", "key": ["client-ip"], "limit": 1, "window": "1m", "queue": { "limit": 2, "maxWait": "10m" } } ]
        """;

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_over_the_limit_wait_in_order_and_one_that_finds_the_queue_full_gets_429()
    {
        List<string> arrived = [];
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            using StreamReader body = new(context.Request.Body);
            arrived.Add($"{context.Request.Path} {await body.ReadToEndAsync(Stop)}");
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, OneAMinuteAndTwoWait, time: _time);

        using HttpResponseMessage first = await PostAsync(sidecar, "first");
        Task<HttpResponseMessage> second = PostAsync(sidecar, "second");
        await Eventually.TrueAsync(() => sidecar.QueuedCount == 1);
        Task<HttpResponseMessage> third = PostAsync(sidecar, "third");
        await Eventually.TrueAsync(() => sidecar.QueuedCount == 2);
        using HttpResponseMessage fourth = await PostAsync(sidecar, "fourth");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, fourth.StatusCode);
        Assert.Equal(["/first first"], arrived);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await second).StatusCode);
        Assert.False(third.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await third).StatusCode);
        Assert.Equal(["/first first", "/second second", "/third third"], arrived);
    }

    [Fact]
    public async Task One_that_would_wait_too_long_is_rejected_at_once_and_one_that_has_waited_in_the_end()
    {
        await using GatedUpstream upstream = await GatedUpstream.StartAsync();
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream.Server,
            """
            "rules": [
              { "name": "rare", "match": { "path": "/rare" }, "key": ["global"], "limit": 1, "window": "1h", "queue": { "limit": 9, "maxWait": "1m" } },
              { "name": "one", "match": { "path": "/one" }, "key": ["global"], "algorithm": "concurrency", "limit": 1, "queue": { "limit": 9, "maxWait": "1m" } }
            ]
            """,
            time: _time);
        upstream.Answer(1);
        using HttpResponseMessage rare = await sidecar.Client.GetAsync("/rare", Stop);
        using HttpResponseMessage tooRare = await sidecar.Client.GetAsync("/rare", Stop);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], [rare.StatusCode, tooRare.StatusCode]);

        Task<HttpResponseMessage> held = sidecar.Client.GetAsync("/one", Stop);
        await Eventually.TrueAsync(() => upstream.InFlight == 1);
        Task<HttpResponseMessage> waiting = sidecar.Client.GetAsync("/one", Stop);
        await Eventually.TrueAsync(() => sidecar.QueuedCount == 1);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(HttpStatusCode.TooManyRequests, (await waiting).StatusCode);
        upstream.Answer(1);
        Assert.Equal(HttpStatusCode.OK, (await held).StatusCode);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_client_that_goes_away_while_it_waits_frees_its_place_and_never_reaches_the_upstream(string version)
    {
        List<string> arrived = [];
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            arrived.Add(context.Request.Path);
            return Task.CompletedTask;
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, OneAMinuteAndTwoWait, time: _time);
        using HttpClient client = sidecar.CreateClient(Version.Parse(version));
        using HttpResponseMessage first = await client.GetAsync("/first", Stop);
        using CancellationTokenSource leave = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task<HttpResponseMessage> leaving = client.GetAsync("/leaving", leave.Token);
        await Eventually.TrueAsync(() => sidecar.QueuedCount == 1);
        Task<HttpResponseMessage> staying = client.GetAsync("/staying", Stop);
        await Eventually.TrueAsync(() => sidecar.QueuedCount == 2);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        await Eventually.TrueAsync(() => sidecar.QueuedCount == 1);
        Task<HttpResponseMessage> late = client.GetAsync("/late", Stop);
        await Eventually.TrueAsync(() => sidecar.QueuedCount == 2);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await staying).StatusCode);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await late).StatusCode);
        Assert.Equal(["/first", "/staying", "/late"], arrived);
    }

    [Fact]
    public async Task No_more_wait_than_limits_maxQueued_says()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, $"{OneAMinuteAndTwoWait}, \"limits\": {{ \"maxQueued\": 1 }}", time: _time);

        using HttpResponseMessage first = await sidecar.Client.GetAsync("/", Stop);
        Task<HttpResponseMessage> second = sidecar.Client.GetAsync("/", Stop);
        await Eventually.TrueAsync(() => sidecar.QueuedCount == 1);
        using HttpResponseMessage third = await sidecar.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await second).StatusCode);
    }

    [Fact]
    public async Task A_higher_limit_put_in_force_shortens_the_wait_of_those_who_wait()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, OneAMinuteAndTwoWait, time: _time);
        using HttpResponseMessage first = await sidecar.Client.GetAsync("/", Stop);
        Task<HttpResponseMessage> second = sidecar.Client.GetAsync("/", Stop);
        await Eventually.TrueAsync(() => sidecar.QueuedCount == 1);

        await sidecar.ApplyAsync(upstream, OneAMinuteAndTwoWait.Replace("\"limit\": 1,", "\"limit\": 5,", StringComparison.Ordinal));
        _time.Advance(TimeSpan.FromSeconds(12));

        Assert.Equal(HttpStatusCode.OK, (await second).StatusCode);
    }

    private static Task<HttpResponseMessage> PostAsync(RunningSidecar sidecar, string text) =>
        sidecar.Client.PostAsync($"/{text}", new StringContent(text), Stop);
}

using System.Net;
using System.Net.WebSockets;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class ConcurrencyTests
{
    private const string TwoAtATime = """
        "rules": [ { "name": "two", "key": ["client-ip"], "algorithm": "concurrency", "limit": 2 } ]
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Never_more_than_the_limit_are_in_flight_and_the_rest_wait_their_turn()
    {
        const int Requests = 50;
        await using GatedUpstream upstream = await GatedUpstream.StartAsync();
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream.Server, """
            "rules": [ { "name": "two", "key": ["client-ip"], "algorithm": "concurrency", "limit": 2, "queue": { "limit": 100, "maxWait": "1h" } } ]
            """);

        Task<HttpResponseMessage>[] all = [.. Enumerable.Range(0, Requests).Select(_ => sidecar.Client.GetAsync("/", Stop))];
        await Eventually.TrueAsync(() => sidecar.QueuedCount == Requests - 2 && upstream.InFlight == 2);
        upstream.Answer(Requests);
        HttpResponseMessage[] responses = await Task.WhenAll(all);

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(2, upstream.Most);
        Assert.Equal(Requests, upstream.Arrivals.Count);
    }

    [Fact]
    public async Task Beyond_the_limit_there_is_429_whose_headers_speak_of_concurrent_requests()
    {
        await using GatedUpstream upstream = await GatedUpstream.StartAsync();
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream.Server, TwoAtATime);
        Task<HttpResponseMessage> first = sidecar.Client.GetAsync("/", Stop);
        await Eventually.TrueAsync(() => upstream.InFlight == 1);
        Task<HttpResponseMessage> second = sidecar.Client.GetAsync("/", Stop);
        await Eventually.TrueAsync(() => upstream.InFlight == 2);

        using HttpResponseMessage third = await sidecar.Client.GetAsync("/", Stop);
        upstream.Answer(2);
        using HttpResponseMessage passed = await first;
        using HttpResponseMessage alsoPassed = await second;

        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.Equal("\"two\";q=2;qu=\"concurrent-requests\"", Assert.Single(third.Headers.GetValues("RateLimit-Policy")));
        Assert.Equal("\"two\";r=0", Assert.Single(third.Headers.GetValues("RateLimit")));
        Assert.Equal(TimeSpan.FromSeconds(1), third.Headers.RetryAfter!.Delta);
        Assert.Equal("\"two\";r=1", Assert.Single(passed.Headers.GetValues("RateLimit")));
        Assert.Equal("\"two\";r=0", Assert.Single(alsoPassed.Headers.GetValues("RateLimit")));
    }

    [Fact]
    public async Task Permits_come_back_when_the_upstream_breaks_off()
    {
        await using GatedUpstream upstream = await GatedUpstream.StartAsync();
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream.Server, TwoAtATime);

        for (int i = 0; i < 5; i++)
        {
            upstream.Answer(1);
            using HttpResponseMessage broken = await sidecar.Client.GetAsync("/fail", Stop);
            Assert.Equal(HttpStatusCode.BadGateway, broken.StatusCode);
        }
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Permits_come_back_when_the_client_goes_away(string version)
    {
        await using GatedUpstream upstream = await GatedUpstream.StartAsync();
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream.Server, TwoAtATime);
        using HttpClient client = sidecar.CreateClient(Version.Parse(version));
        using CancellationTokenSource leave = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task<HttpResponseMessage>[] leaving = [client.GetAsync("/", leave.Token), client.GetAsync("/", leave.Token)];
        await Eventually.TrueAsync(() => upstream.InFlight == 2);

        await leave.CancelAsync();
        await Eventually.TrueAsync(() => upstream.InFlight == 0);

        await AssertHasRoomAsync(sidecar, upstream, 2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_web_socket_holds_a_permit_until_it_ends(bool properly)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(
            app =>
            {
                app.UseWebSockets();
                app.Run(ServeSocketAsync);
            },
            services => services.AddLogging(),
            HttpProtocols.Http1);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, TwoAtATime.Replace("\"limit\": 2", "\"limit\": 1", StringComparison.Ordinal));
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(new UriBuilder(sidecar.Address) { Scheme = "ws" }.Uri, Stop);
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync());

        if (properly)
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
        }
        else
        {
            socket.Abort();
        }

        await Eventually.TrueAsync(async () => await AskAsync() == HttpStatusCode.OK);

        async Task<HttpStatusCode> AskAsync()
        {
            using HttpResponseMessage response = await sidecar.Client.GetAsync("/", Stop);
            return response.StatusCode;
        }
    }

    private static async Task ServeSocketAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        try
        {
            await socket.ReceiveAsync(new byte[100].AsMemory(), Stop);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
        }
        catch (WebSocketException)
        {
            // The client broke off.
        }
    }

    /// <summary>The proxy releases just after the upstream sees the end, so the first few may still be rejected.</summary>
    private static async Task AssertHasRoomAsync(RunningSidecar sidecar, GatedUpstream upstream, int requests)
    {
        List<Task<HttpResponseMessage>> passing = [];
        while (passing.Count < requests)
        {
            Task<HttpResponseMessage> next = sidecar.Client.GetAsync("/", Stop);
            int expected = passing.Count + 1;
            await Eventually.TrueAsync(() => next.IsCompleted || upstream.InFlight == expected);
            if (!next.IsCompleted)
            {
                passing.Add(next);
            }
            else
            {
                using HttpResponseMessage rejected = await next;
                Assert.Equal(HttpStatusCode.TooManyRequests, rejected.StatusCode);
            }
        }

        upstream.Answer(requests);
        Assert.All(await Task.WhenAll(passing), response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }
}

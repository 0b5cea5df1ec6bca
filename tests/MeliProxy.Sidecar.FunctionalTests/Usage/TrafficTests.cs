using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MeliProxy.Sidecar.FunctionalTests.Usage;

/// <summary>What is recorded of requests, with real connections.</summary>
public sealed class TrafficTests
{
    private const string Route = "upstream";
    private const string Rules = """ "rules": [{ "name": "one", "match": { "path": "/limited" }, "key": ["client-ip"], "limit": 1, "window": "1h" }] """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Requests_are_recorded_by_class_with_the_bytes_of_their_bodies(string version)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(AnswerAsync);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules);
        using HttpClient client = sidecar.CreateClient(new Version(version));
        foreach (int status in new[] { 200, 201, 302, 404, 503 })
        {
            using HttpResponseMessage response = await client.PostAsync($"/{status}", new StringContent("12345"), Stop);
            Assert.Equal(status, (int)response.StatusCode);
        }

        await EndedAsync(sidecar, 5);
        Assert.Equal(
            [(Route, 2, 2, 10, 20), (Route, 3, 1, 5, 10), (Route, 4, 1, 5, 10), (Route, 5, 1, 5, 10)],
            Totals(sidecar));
        Assert.All(sidecar.Traffic.GetTotals(), usage =>
        {
            Assert.Equal(usage.Count, usage.Duration.Count);
            Assert.Equal(usage.Count, usage.UpstreamTime.Count);
            Assert.True(usage.UpstreamTime.Sum > TimeSpan.Zero);
            Assert.True(usage.Duration.Sum >= usage.UpstreamTime.Sum);
        });
    }

    [Fact]
    public async Task Bodies_without_a_length_are_counted_as_they_pass()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(context.Response.Body, Stop);
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules);
        using HttpRequestMessage request = new(HttpMethod.Post, "/echo") { Content = new ByteArrayContent(new byte[300_000]) };
        request.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage response = await sidecar.Client.SendAsync(request, Stop);
        Assert.Equal(300_000, (await response.Content.ReadAsByteArrayAsync(Stop)).Length);
        await EndedAsync(sidecar, 1);
        Assert.Equal([(Route, 2, 1, 300_000, 300_000)], Totals(sidecar));
    }

    [Fact]
    public async Task Answers_without_a_body_have_no_bytes_whatever_their_length_says()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(AnswerAsync);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules);
        using HttpResponseMessage head = await sidecar.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/200"), Stop);
        Assert.Equal(10, head.Content.Headers.ContentLength);
        (await sidecar.Client.GetAsync("/204", Stop)).Dispose();
        (await sidecar.Client.GetAsync("/304", Stop)).Dispose();

        // Problem details of the sidecar itself in answer to HEAD are not sent either.
        (await sidecar.Client.GetAsync("/limited", Stop)).Dispose();
        (await sidecar.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/limited"), Stop)).Dispose();
        await EndedAsync(sidecar, 5);
        Assert.Equal([("none", 4, 1, 0, 0), (Route, 2, 3, 0, 10), (Route, 3, 1, 0, 0)], Totals(sidecar));
    }

    [Fact]
    public async Task What_is_over_quota_has_no_route_and_no_upstream_time()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(AnswerAsync);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules);
        (await sidecar.Client.GetAsync("/limited", Stop)).Dispose();
        long length = (await (await sidecar.Client.GetAsync("/limited", Stop)).Content.ReadAsByteArrayAsync(Stop)).Length;
        await EndedAsync(sidecar, 2);
        RouteUsage none = sidecar.Traffic.GetTotals().Single(usage => usage.Route == "none");
        Assert.Equal((4, 1, length, 0), (none.StatusClass, none.Count, none.BytesOut, none.UpstreamTime.Count));
    }

    [Fact]
    public async Task An_upstream_that_does_not_answer_is_an_error_of_its_route()
    {
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($"\"upstream\": [\"http://127.0.0.1:1\"], {Rules}");
        byte[] problem = await (await sidecar.Client.GetAsync("/", Stop)).Content.ReadAsByteArrayAsync(Stop);
        await EndedAsync(sidecar, 1);
        RouteUsage usage = Assert.Single(sidecar.Traffic.GetTotals());
        Assert.Equal((Route, 5, 1, problem.Length, 0), (usage.Route, usage.StatusClass, usage.Count, usage.BytesOut, usage.UpstreamTime.Count));
    }

    [Fact]
    public async Task Requests_are_under_way_until_they_end_and_one_whose_client_leaves_is_recorded_without_an_answer()
    {
        await using GatedUpstream upstream = await GatedUpstream.StartAsync();
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream.Server, Rules);
        using CancellationTokenSource leave = new();
        Task<HttpResponseMessage> stays = sidecar.Client.GetAsync("/stays", Stop);
        Task<HttpResponseMessage> leaves = sidecar.Client.GetAsync("/leaves", leave.Token);
        await Eventually.TrueAsync(() => upstream.InFlight == 2);
        Assert.Equal(2, sidecar.Traffic.InFlight);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        await Eventually.TrueAsync(() => sidecar.Traffic.InFlight == 1);
        RouteUsage left = Assert.Single(sidecar.Traffic.GetTotals());
        Assert.Equal((Route, 0, 1, 0, 0), (left.Route, left.StatusClass, left.Count, left.BytesOut, left.UpstreamTime.Count));

        // Else it may be the one that nobody waits for any more that is answered.
        await Eventually.TrueAsync(() => upstream.InFlight == 1);
        upstream.Answer(1);
        (await stays).Dispose();
        await EndedAsync(sidecar, 2);
    }

    [Fact]
    public async Task A_response_that_breaks_off_is_recorded_once_with_what_was_passed_on()
    {
        TaskCompletionSource hasBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.Body.WriteAsync(new byte[100], Stop);
            await context.Response.Body.FlushAsync(Stop);
            await hasBegun.Task.WaitAsync(Stop);
            context.Abort();
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules);
        using (HttpResponseMessage answer = await sidecar.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Stop))
        {
            Stream body = await answer.Content.ReadAsStreamAsync(Stop);
            await body.ReadExactlyAsync(new byte[100], Stop);
            hasBegun.SetResult();
            await Assert.ThrowsAnyAsync<IOException>(() => body.ReadExactlyAsync(new byte[1], Stop).AsTask());
        }

        await EndedAsync(sidecar, 1);
        Assert.Equal((Route, 2, 1, 0, 100), Assert.Single(Totals(sidecar)));
    }

    [Fact]
    public async Task A_request_body_that_breaks_off_counts_what_came_of_it()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, Stop);
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules);
        using (TcpClient client = new())
        {
            await client.ConnectAsync(sidecar.Address.Host, sidecar.Address.Port, Stop);
            await client.GetStream().WriteAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n0123456789"u8.ToArray(), Stop);
            await Eventually.TrueAsync(() => sidecar.Traffic.InFlight == 1);
        }

        await EndedAsync(sidecar, 1);
        (string route, int statusClass, _, long bytesIn, _) = Assert.Single(Totals(sidecar));
        Assert.Equal(Route, route);
        Assert.Contains(statusClass, new[] { 0, 4, 5 });
        Assert.InRange(bytesIn, 0, 10);
    }

    [Fact]
    public async Task A_web_socket_is_recorded_when_it_is_closed_with_the_bytes_of_both_directions()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(
            app =>
            {
                app.UseWebSockets();
                app.Run(EchoOnceAsync);
            },
            services => services.AddLogging(),
            HttpProtocols.Http1);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules);
        using (ClientWebSocket socket = new())
        {
            await socket.ConnectAsync(new UriBuilder(sidecar.Address) { Scheme = "ws", Path = "/live" }.Uri, Stop);
            await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, Stop);
            await socket.ReceiveAsync(new byte[100], Stop);
            Assert.Empty(sidecar.Traffic.GetTotals());
            Assert.Equal(1, sidecar.Traffic.InFlight);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
        }

        // Frames of a client have 4 bytes more, for their mask. Both have 2 bytes of header, and a code to close.
        await EndedAsync(sidecar, 1);
        Assert.Equal([(Route, 1, 1, (2 + 4 + 5) + (2 + 4 + 2), (2 + 5) + (2 + 2))], Totals(sidecar));
    }

    [Fact]
    public async Task Routes_have_the_names_of_the_section_and_what_matches_none_has_none()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(AnswerAsync);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($$"""
            "rules": [],
            "ReverseProxy": {
              "Routes": { "items": { "ClusterId": "c", "Match": { "Path": "/200" } }, "users": { "ClusterId": "c", "Match": { "Path": "/404" } } },
              "Clusters": { "c": { "Destinations": { "a": { "Address": "{{upstream.Address}}" } } } }
            }
            """);
        foreach (string path in new[] { "/200", "/200", "/404", "/nowhere" })
        {
            (await sidecar.Client.GetAsync(path, Stop)).Dispose();
        }

        await EndedAsync(sidecar, 4);
        Assert.Equal(
            [("items", 2, 2), ("none", 4, 1), ("users", 4, 1)],
            sidecar.Traffic.GetTotals().Select(u => (u.Route, u.StatusClass, u.Count)).OrderBy(u => u.Route, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Many_requests_at_once_are_each_recorded_once()
    {
        const int Clients = 8;
        const int Requests = 50;
        await using TestUpstream upstream = await TestUpstream.StartAsync(AnswerAsync);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            for (int i = 0; i < Requests; i++)
            {
                using HttpResponseMessage response = i % 2 == 0
                    ? await sidecar.Client.GetAsync("/200", Stop)
                    : await sidecar.Client.PostAsync("/200", new StringContent("12345"), Stop);
            }
        }));
        await EndedAsync(sidecar, Clients * Requests);
        Assert.Equal([(Route, 2, Clients * Requests, Clients * Requests / 2 * 5, Clients * Requests * 10)], Totals(sidecar));
    }

    [Fact]
    public async Task Nothing_is_recorded_if_the_configuration_says_so()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(AnswerAsync);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, $"\"usage\": {{ \"record\": false }}, {Rules}");
        (await sidecar.Client.GetAsync("/200", Stop)).Dispose();
        Assert.Null(sidecar.Traffic);
    }

    /// <summary>Answers with the status that the path names, and ten bytes unless it may have none.</summary>
    private static async Task AnswerAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, Stop);
        context.Response.StatusCode = int.TryParse(context.Request.Path.Value.AsSpan(1), out int status) ? status : 200;
        if (context.Response.StatusCode is not (204 or 304))
        {
            context.Response.ContentLength = 10;
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await context.Response.BodyWriter.WriteAsync("0123456789"u8.ToArray(), Stop);
            }
        }
    }

    private static async Task EchoOnceAsync(HttpContext context)
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        byte[] buffer = new byte[100];
        ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), Stop);
        await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Text, true, Stop);
        await socket.ReceiveAsync(buffer.AsMemory(), Stop);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop);
    }

    /// <summary>A response reaches its client a little before it is recorded.</summary>
    private static Task EndedAsync(RunningSidecar sidecar, int requests) =>
        Eventually.TrueAsync(() => sidecar.Traffic.InFlight == 0 && sidecar.Traffic.GetTotals().Sum(usage => usage.Count) == requests);

    private static IEnumerable<(string Route, int Class, long Count, long BytesIn, long BytesOut)> Totals(RunningSidecar sidecar) =>
        sidecar.Traffic.GetTotals()
            .Select(u => (u.Route, u.StatusClass, u.Count, u.BytesIn, u.BytesOut))
            .OrderBy(u => u.Route, StringComparer.Ordinal)
            .ThenBy(u => u.StatusClass);
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class ForwardingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_arrives_as_it_was_sent_but_for_the_host_and_the_answer_comes_back()
    {
        string? seen = null;
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            seen = $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Host} "
                + $"{context.Request.Headers["X-Custom"]} {await reader.ReadToEndAsync(Stop)}";
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.Headers.Append("Set-Cookie", new[] { "a=1", "b=2" });
            context.Response.Headers.Server = "theirs";
            await context.Response.WriteAsync("made", Stop);
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);

        using HttpRequestMessage request = new(HttpMethod.Put, "/items/1%2F2?q=a%20b");
        request.Headers.Add("X-Custom", "value");
        request.Content = new StringContent("body");
        using HttpResponseMessage response = await sidecar.Client.SendAsync(request, Stop);

        Assert.Equal($"PUT /items/1%2F2?q=a%20b {upstream.Address.Authority} value body", seen);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(["a=1", "b=2"], response.Headers.GetValues("Set-Cookie"));
        Assert.Equal("theirs", response.Headers.Server.ToString());
        Assert.Equal("made", await response.Content.ReadAsStringAsync(Stop));
    }

    [Theory]
    [InlineData("/a%2Fb?c=%2F", "/base/a%2Fb?c=%2F")]
    [InlineData("/a%252Fb", "/base/a%252Fb")]
    [InlineData("/%E0%A4", "/base/%E0%A4")]
    [InlineData("/a%2F.%2e%2Fb", null)]
    [InlineData("/x/..%2F../b", null)]
    [InlineData("/x/../b%2fc?d=%2F", "/base/b%2fc?d=%2F")]
    [InlineData("/x/./%2E%2e/../b%2fc/.", "/base/b%2fc/")]
    [InlineData("/../../a%2Fb//c/..", "/base/a%2Fb//")]
    public async Task Escapes_in_paths_arrive_as_they_were_sent_and_nothing_climbs_above_the_prefix(string sent, string? expected)
    {
        string arrived = "";
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            arrived = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            return Task.CompletedTask;
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($"\"upstream\": [\"{upstream.Address}base\"]");

        string answer = await RawHttp.SendAsync(sidecar.Address, $"GET {sent} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", Stop);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.StartsWith("/base/", arrived, StringComparison.Ordinal);
        Assert.Equal(expected ?? arrived, arrived);
        Assert.DoesNotContain("..", Uri.UnescapeDataString(arrived).Split('/'));
    }

    [Theory]
    [InlineData("auto", "X-Forwarded-For: 198.51.100.1", "198.51.100.1, 127.0.0.1|")]
    [InlineData("auto", "Forwarded: for=198.51.100.1", "127.0.0.1|for=198.51.100.1")]
    [InlineData("auto", "X-Forwarded-For: 198.51.100.1\r\nForwarded: for=203.0.113.9", "198.51.100.1, 127.0.0.1|")]
    [InlineData("forwarded", "X-Forwarded-For: 198.51.100.1\r\nForwarded: for=203.0.113.9", "127.0.0.1|for=203.0.113.9")]
    [InlineData("nobody is trusted", "X-Forwarded-For: 198.51.100.1\r\nForwarded: for=203.0.113.9", "127.0.0.1|")]
    public async Task The_upstream_hears_about_the_client_only_what_is_believed(string header, string claims, string heard)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Headers["X-Forwarded-For"]}|{context.Request.Headers["Forwarded"]}", Stop));
        string trust = header == "nobody is trusted"
            ? "\"rules\": []"
            : $"\"clientIp\": {{ \"trustedProxies\": [\"127.0.0.0/8\"], \"header\": \"{header}\" }}";
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, trust);

        string answer = await RawHttp.SendAsync(
            sidecar.Address, $"GET / HTTP/1.1\r\nHost: x\r\n{claims}\r\nConnection: close\r\n\r\n", Stop);

        Assert.Contains($"\r\n{heard}\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_prefix_of_an_upstream_is_kept()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync(context.Request.Path));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            $"\"upstream\": [\"{upstream.Address}api/v2\"], \"rules\": []");

        Assert.Equal("/api/v2/items", await sidecar.Client.GetStringAsync("/items", Stop));
    }

    [Fact]
    public async Task A_chunked_upload_reaches_the_upstream_while_it_is_being_sent()
    {
        byte[] chunk = new byte[100_000];
        TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1000], Stop);
            first.SetResult();
            using MemoryStream rest = new();
            await context.Request.Body.CopyToAsync(rest, Stop);
            await context.Response.WriteAsync($"{context.Request.Headers.TransferEncoding} {rest.Length}", Stop);
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);

        using LiveContent content = new();
        Task<HttpResponseMessage> sending = sidecar.Client.PostAsync("/echo", content, Stop);
        Stream upload = await content.Opened;
        await upload.WriteAsync(chunk, Stop);
        await upload.FlushAsync(Stop);
        await first.Task.WaitAsync(Stop);

        await upload.WriteAsync(chunk, Stop);
        content.Complete();
        using HttpResponseMessage response = await sending;
        Assert.Equal("chunked 199000", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_the_call_to_the_upstream()
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            context.RequestAborted.Register(() => cancelled.TrySetResult());
            arrived.SetResult();
            await cancelled.Task;
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);

        using CancellationTokenSource leave = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task<HttpResponseMessage> call = sidecar.Client.GetAsync("/slow", leave.Token);
        await arrived.Task.WaitAsync(Stop);
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await cancelled.Task.WaitAsync(Stop);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_not_made_to_look_whole()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("half of it", Stop);
            await context.Response.Body.FlushAsync(Stop);
            context.Abort();
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sidecar.Client.GetStringAsync("/", Stop));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_logged_with_the_upstream_and_the_reason()
    {
        await using RawUpstream upstream = RawUpstream.Start("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($"\"upstream\": [\"{upstream.Address}\"]");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sidecar.Client.GetStringAsync("/", Stop));
        Assert.Equal(
            $"Warning: GET /: {upstream.Address} broke off the exchange (closed_in_body)", await sidecar.Log.WaitForAsync("broke off", Stop));
    }

    [Fact]
    public async Task An_early_answer_to_an_upload_is_passed_on_and_no_error()
    {
        await using RawUpstream upstream = RawUpstream.Start("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($"\"upstream\": [\"{upstream.Address}\"]");

        string? status = await RawHttp.SendForStatusAsync(
            sidecar.Address, $"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nbegun{new string('.', 99_000)}", Stop);

        Assert.Equal("HTTP/1.1 413 Content Too Large", status);
        Assert.DoesNotContain(sidecar.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_whole_answer_does_not_wait_for_the_rest_of_an_upload()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            await context.Response.WriteAsync("whole", Stop);
            await context.Response.CompleteAsync();
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);
        using TcpClient client = new();
        await client.ConnectAsync(sidecar.Address.Host, sidecar.Address.Port, Stop);
        NetworkStream stream = client.GetStream();
        using StreamReader reader = new(stream);

        await stream.WriteAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nhalf"u8.ToArray(), Stop);
        while (await reader.ReadLineAsync(Stop) != "0")
        {
            // The last chunk is what is waited for.
        }

        // The rest is still taken, and the connection goes on.
        await stream.WriteAsync("rest"u8.ToArray(), Stop);
        Assert.Equal("", await reader.ReadLineAsync(Stop));
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Stop);
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync(Stop));
    }

    [Fact]
    public async Task A_client_that_stalls_its_upload_is_told_so_and_not_the_upstream_blamed()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null, Stop));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, "\"forwarding\": { \"activityTimeout\": \"1s\" }");

        string? status = await RawHttp.SendForStatusAsync(
            sidecar.Address, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nabc", Stop);

        Assert.Equal("HTTP/1.1 408 Request Timeout", status);
        Assert.Contains("of which nothing more came (request_body_stalled)", await sidecar.Log.WaitForAsync("Warning: POST", Stop), StringComparison.Ordinal);
        Assert.DoesNotContain(sidecar.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_route_that_has_a_time_limit_is_held_to_it()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($$"""
            "ReverseProxy": {
              "Routes": { "r": { "ClusterId": "c", "Match": { "Path": "/{**rest}" }, "Timeout": "00:00:00.2" } },
              "Clusters": { "c": { "Destinations": { "d": { "Address": "{{upstream.Address}}" } } } } }
            """);

        using HttpResponseMessage response = await sidecar.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Fact]
    public async Task Trailers_of_the_upstream_reach_an_http2_client_without_tls()
    {
        await using RawUpstream upstream = RawUpstream.Start(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: checksum\r\n\r\n4\r\nbody\r\n0\r\nchecksum: abc\r\n\r\n");
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($"\"upstream\": [\"{upstream.Address}\"]");

        using HttpClient http2 = sidecar.CreateClient(HttpVersion.Version20);
        using HttpResponseMessage response = await http2.GetAsync("/", Stop);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("body", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal("abc", Assert.Single(response.TrailingHeaders.GetValues("checksum")));
    }

    [Fact]
    public async Task One_port_speaks_http1_and_http2_even_if_the_first_bytes_come_one_by_one()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);
        using TcpClient client = new() { NoDelay = true };
        await client.ConnectAsync(sidecar.Address.Host, sidecar.Address.Port, Stop);

        // "PRI" is how both the HTTP/2 preface and this method begin.
        foreach (byte b in "PRINT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray())
        {
            await client.GetStream().WriteAsync(new[] { b }, Stop);
        }

        using StreamReader reader = new(client.GetStream());
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync(Stop));
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PRI * HTTP/2.0\r\n")]
    public async Task A_connection_that_asks_nothing_does_not_hold_up_stopping(string firstBytes)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello", Stop));
        RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);
        using TcpClient idle = new();
        await idle.ConnectAsync(sidecar.Address.Host, sidecar.Address.Port, Stop);
        await idle.GetStream().WriteAsync(Encoding.ASCII.GetBytes(firstBytes), Stop);
        await sidecar.Client.GetStringAsync("/", Stop);

        await sidecar.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), Stop);

        Assert.Equal(0, await idle.GetStream().ReadAsync(new byte[1], Stop));
    }

    [Fact]
    public async Task Header_bytes_that_are_not_ascii_pass_both_ways_as_they_are()
    {
        await using RawUpstream upstream = RawUpstream.Start("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Name: caf\u00e9\r\n\r\n");
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($"\"upstream\": [\"{upstream.Address}\"]");

        string answer = await RawHttp.SendAsync(
            sidecar.Address, "GET / HTTP/1.1\r\nHost: x\r\nX-Name: na\u00efve \u00c3\u00a9\r\nConnection: close\r\n\r\n", Stop);

        Assert.Contains("X-Name: caf\u00e9\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("X-Name: na\u00efve \u00c3\u00a9\r\n", upstream.LastRequest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_204_with_a_length_is_passed_on_without_it()
    {
        await using RawUpstream upstream = RawUpstream.Start("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n");
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($"\"upstream\": [\"{upstream.Address}\"]");

        using HttpResponseMessage response = await sidecar.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Fact]
    public async Task Nothing_is_added_to_what_a_client_says_of_traces()
    {
        await using RawUpstream upstream = RawUpstream.Start("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($"\"upstream\": [\"{upstream.Address}\"]");
        const string Trace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        await RawHttp.SendAsync(sidecar.Address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", Stop);
        Assert.DoesNotContain("traceparent", upstream.LastRequest, StringComparison.OrdinalIgnoreCase);

        await RawHttp.SendAsync(sidecar.Address, $"GET / HTTP/1.1\r\nHost: x\r\n{Trace}\r\nConnection: close\r\n\r\n", Stop);
        Assert.Contains(Trace, upstream.LastRequest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_is_refused()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello", Stop));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);

        string answer = await RawHttp.SendAsync(
            sidecar.Address, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nConnection: close\r\n\r\n", Stop);

        Assert.StartsWith("HTTP/1.1 405 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_standard_yarp_section_routes_by_path()
    {
        await using TestUpstream items = await TestUpstream.StartAsync(context => context.Response.WriteAsync("items"));
        await using TestUpstream users = await TestUpstream.StartAsync(context => context.Response.WriteAsync("users"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            $$"""
            "ReverseProxy": {
              "Routes": {
                "items": { "ClusterId": "items", "Match": { "Path": "/items/{**rest}" } },
                "users": { "ClusterId": "users", "Match": { "Path": "/users/{**rest}" } }
              },
              "Clusters": {
                "items": { "Destinations": { "a": { "Address": "{{items.Address}}" } } },
                "users": { "Destinations": { "a": { "Address": "{{users.Address}}" } } }
              }
            }
            """);

        Assert.Equal("items", await sidecar.Client.GetStringAsync("/items/1", Stop));
        Assert.Equal("users", await sidecar.Client.GetStringAsync("/users/1", Stop));
        using HttpResponseMessage none = await sidecar.Client.GetAsync("/other", Stop);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        Assert.Equal("application/problem+json", none.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Several_upstreams_share_the_requests()
    {
        await using TestUpstream one = await TestUpstream.StartAsync(context => context.Response.WriteAsync("one"));
        await using TestUpstream two = await TestUpstream.StartAsync(context => context.Response.WriteAsync("two"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            $"\"upstream\": [\"{one.Address}\", \"{two.Address}\"]");

        HashSet<string> answers = [];
        for (int i = 0; i < 200 && answers.Count < 2; i++)
        {
            answers.Add(await sidecar.Client.GetStringAsync("/", Stop));
        }

        Assert.Equal(["one", "two"], answers.Order());
    }

    [Theory]
    [InlineData("true", "HTTP/1.1")]
    [InlineData("false", "HTTP/2")]
    public async Task An_https_upstream_is_called_with_its_own_name_and_checked_against_the_given_authority(string direct, string protocol)
    {
        using TestCertificateAuthority authority = new();
        string? name = null;
        await using TestUpstream upstream = await TestUpstream.StartAsync(
            context =>
            {
                name = $"{context.Features.Get<ISslStreamFeature>()!.SslStream.TargetHostName} "
                    + $"{context.Request.Host.Host} {context.Request.Protocol}";
                return context.Response.WriteAsync("hello");
            },
            HttpProtocols.Http1AndHttp2,
            authority.Issue("localhost"));
        string address = $"https://localhost:{upstream.Address.Port}";
        await using RunningSidecar trusting = await RunningSidecar.StartAsync(
            $"\"upstream\": [\"{address}\"], \"forwarding\": {{ \"certificateAuthority\": \"{authority.PemFile}\", \"direct\": {direct} }}");
        await using RunningSidecar wary = await RunningSidecar.StartAsync(
            $"\"upstream\": [\"{address}\"], \"forwarding\": {{ \"direct\": {direct} }}");

        Assert.Equal("hello", await trusting.Client.GetStringAsync("/", Stop));
        Assert.Equal($"localhost localhost {protocol}", name);
        using HttpResponseMessage refused = await wary.Client.GetAsync("/", Stop);
        Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        Assert.Contains("certificate", await refused.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Clients_can_be_served_over_https(string version)
    {
        using TestCertificateAuthority authority = new();
        (string certificate, string key) = authority.IssueFiles("127.0.0.1");
        await using TestUpstream upstream = await TestUpstream.StartAsync(
            context => context.Response.WriteAsync(context.Request.Headers["X-Forwarded-Proto"]!));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, $"\"tls\": {{ \"certificate\": \"{certificate}\", \"key\": \"{key}\" }}", scheme: "https");

        using HttpClient client = sidecar.CreateClient(Version.Parse(version), authority);

        Assert.Equal("https", await client.GetStringAsync("/", Stop));
    }

    /// <summary>A request body that the test writes while it is being sent.</summary>
    private sealed class LiveContent : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Stream> Opened => _opened.Task;

        public void Complete() => _completed.SetResult();

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _opened.SetResult(stream);
            return _completed.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}

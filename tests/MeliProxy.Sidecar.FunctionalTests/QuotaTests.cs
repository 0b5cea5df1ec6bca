using System.Net;
using System.Text.Json;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class QuotaTests
{
    private const string FivePerIpAndPath = """
        "clientIp": { "trustedProxies": ["127.0.0.1"] },
        "rules": [
          { "name": "ip-path", "match": { "path": "/categories/{**rest}", "methods": ["GET"] },
            "key": ["client-ip", "path"], "limit": 5, "window": "1h", "algorithm": "token-bucket" }
        ]
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_beyond_the_limit_get_429_with_the_headers_and_body_of_the_contract()
    {
        int reached = 0;
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            Interlocked.Increment(ref reached);
            return context.Response.WriteAsync("hello");
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, FivePerIpAndPath);

        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage allowed = await sidecar.Client.GetAsync("/categories/MLA97994", Stop);
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
            Assert.Equal("\"ip-path\";q=5;w=3600", Assert.Single(allowed.Headers.GetValues("RateLimit-Policy")));
            Assert.StartsWith($"\"ip-path\";r={4 - i};t=", Assert.Single(allowed.Headers.GetValues("RateLimit")), StringComparison.Ordinal);
        }

        using HttpResponseMessage rejected = await sidecar.Client.GetAsync("/categories/MLA97994", Stop);
        Assert.Equal(HttpStatusCode.TooManyRequests, rejected.StatusCode);
        Assert.Equal("\"ip-path\";r=0;t=3600", Assert.Single(rejected.Headers.GetValues("RateLimit")));
        Assert.Equal("\"ip-path\";q=5;w=3600", Assert.Single(rejected.Headers.GetValues("RateLimit-Policy")));
        Assert.InRange(rejected.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 700, 720);
        Assert.Equal("application/problem+json", rejected.Content.Headers.ContentType!.ToString());
        using JsonDocument problem = JsonDocument.Parse(await rejected.Content.ReadAsStringAsync(Stop));
        Assert.Equal(
            "https://iana.org/assignments/http-problem-types#quota-exceeded", problem.RootElement.GetProperty("type").GetString());
        Assert.Equal(429, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Equal("ip-path", Assert.Single(problem.RootElement.GetProperty("violated-policies").EnumerateArray()).GetString());
        Assert.Equal(5, reached);
    }

    [Fact]
    public async Task Addresses_behind_a_trusted_proxy_have_quotas_of_their_own()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, FivePerIpAndPath);

        Assert.Equal(5, await CountAllowedAsync(sidecar, 8, "203.0.113.7"));
        Assert.Equal(5, await CountAllowedAsync(sidecar, 8, "203.0.113.8"));
        Assert.Equal(0, await CountAllowedAsync(sidecar, 3, "198.51.100.1, 203.0.113.7"));
    }

    [Fact]
    public async Task Addresses_claimed_by_an_untrusted_client_change_nothing()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, FivePerIpAndPath.Replace("127.0.0.1", "192.0.2.1", StringComparison.Ordinal));

        Assert.Equal(5, await CountAllowedAsync(sidecar, 5, "203.0.113.7"));
        Assert.Equal(0, await CountAllowedAsync(sidecar, 5, "203.0.113.8"));
    }

    [Theory]
    [InlineData("/categories/MLA97994/")]
    [InlineData("/categories//MLA97994")]
    [InlineData("//categories/MLA97994")]
    [InlineData("/categories/./MLA97994")]
    [InlineData("/x/../categories/MLA97994")]
    [InlineData("/categories/%4DLA97994")]
    [InlineData("/categories%2FMLA97994")]
    [InlineData("/categories/MLA97994?again")]
    public async Task A_path_written_otherwise_dodges_no_quota(string otherwise)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, FivePerIpAndPath);
        Assert.Equal(5, await CountAllowedAsync(sidecar, 6, "203.0.113.7"));

        // Straight over the socket, since clients tidy up paths before they send them.
        string answer = await RawHttp.SendAsync(
            sidecar.Address, $"GET {otherwise} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n", Stop);

        Assert.StartsWith("HTTP/1.1 429 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_a_limit_keeps_the_counts()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        const string Rule = """
            "rules": [ { "name": "day", "key": ["global"], "limit": 5, "window": "30d", "algorithm": "fixed-window" } ]
            """;
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rule);
        Assert.Equal(5, await CountAllowedAsync(sidecar, 8, "203.0.113.7"));

        await sidecar.ApplyAsync(upstream, Rule.Replace("5", "8", StringComparison.Ordinal));

        Assert.Equal(3, await CountAllowedAsync(sidecar, 8, "203.0.113.7"));
    }

    [Fact]
    public async Task A_shadow_rule_rejects_nothing()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, """ "rules": [ { "name": "s", "key": ["global"], "limit": 1, "window": "1h", "mode": "shadow" } ] """);

        Assert.Equal(5, await CountAllowedAsync(sidecar, 5, "203.0.113.7"));
    }

    [Fact]
    public async Task A_rejected_request_with_a_body_leaves_the_connection_usable()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, """ "rules": [ { "name": "none", "match": { "methods": ["POST"] }, "key": ["global"], "limit": 0, "window": "1s" } ] """);

        using HttpResponseMessage rejected = await sidecar.Client.PostAsync("/", new ByteArrayContent(new byte[100_000]), Stop);
        using HttpResponseMessage allowed = await sidecar.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.TooManyRequests, rejected.StatusCode);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    private static async Task<int> CountAllowedAsync(RunningSidecar sidecar, int calls, string forwardedFor)
    {
        int allowed = 0;
        for (int i = 0; i < calls; i++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/categories/MLA97994");
            request.Headers.Add("X-Forwarded-For", forwardedFor);
            using HttpResponseMessage response = await sidecar.Client.SendAsync(request, Stop);
            allowed += response.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        return allowed;
    }
}

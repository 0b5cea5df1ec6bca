using System.Net;
using System.Text.Json;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

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
    public async Task The_shadow_mode_of_the_whole_set_rejects_nothing_until_it_is_taken_back()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        const string Rules = """
            "rules": [
              { "name": "limit", "key": ["global"], "limit": 1, "window": "30d" },
              { "name": "deny", "key": ["global"], "limit": 9, "window": "1s", "deny": ["client-ip=127.0.0.1"] },
              { "name": "held", "key": ["global"], "algorithm": "concurrency", "limit": 0 }
            ]
            """;
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, $"{Rules}, \"mode\": \"shadow\"");
        Assert.Equal(5, await CountAllowedAsync(sidecar, 5, "203.0.113.7"));

        await sidecar.ApplyAsync(upstream, Rules);

        Assert.Equal(0, await CountAllowedAsync(sidecar, 1, "203.0.113.7"));
    }

    [Fact]
    public async Task A_denied_network_is_rejected_by_the_address_that_a_trusted_proxy_tells()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, """
            "clientIp": { "trustedProxies": ["127.0.0.1"] },
            "rules": [ { "name": "all", "key": ["client-ip"], "limit": 1, "window": "1h",
              "deny": ["client-ip=203.0.113.0/24"], "allow": ["client-ip=203.0.113.9"] } ]
            """);

        Assert.Equal(0, await CountAllowedAsync(sidecar, 2, "203.0.113.7"));
        Assert.Equal(0, await CountAllowedAsync(sidecar, 2, "198.51.100.1, 203.0.113.7"));
        Assert.Equal(3, await CountAllowedAsync(sidecar, 3, "203.0.113.9"));
        Assert.Equal(1, await CountAllowedAsync(sidecar, 3, "203.0.114.7"));
    }

    [Fact]
    public async Task An_override_comes_by_a_reload_ends_at_its_time_and_the_counts_are_kept_throughout()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 15, 12, 0, 0, TimeSpan.Zero));
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        const string Rules = """
            "clientIp": { "trustedProxies": ["127.0.0.1"] },
            "rules": [ { "name": "month", "key": ["client-ip"], "limit": 5, "algorithm": "fixed-window", "calendar": "month" } ]
            """;
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules, time: time);
        Assert.Equal(5, await CountAllowedAsync(sidecar, 8, "203.0.113.7"));

        await sidecar.ApplyAsync(
            upstream,
            $$"""
            {{Rules}}, "overrides": [ { "rule": "month", "key": ["203.0.113.7"], "limit": 8, "expiresAt": "2026-01-15T10:00:00-03:00" } ]
            """);
        Assert.Equal(2, await CountAllowedAsync(sidecar, 2, "203.0.113.7"));
        Assert.Equal(5, await CountAllowedAsync(sidecar, 8, "203.0.113.8"));

        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, await CountAllowedAsync(sidecar, 2, "203.0.113.7"));
        time.SetUtcNow(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(5, await CountAllowedAsync(sidecar, 8, "203.0.113.7"));
    }

    [Fact]
    public async Task A_calendar_rule_tells_the_seconds_to_the_end_of_its_window_where_it_applies()
    {
        // 20:00 on the last of January in Sao Paulo, where the month ends in 4 hours.
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 31, 23, 0, 0, TimeSpan.Zero));
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream,
            """
            "rules": [ { "name": "month", "key": ["global"], "limit": 1, "algorithm": "fixed-window", "calendar": "month", "timeZone": "America/Sao_Paulo" } ]
            """,
            time: time);

        using HttpResponseMessage allowed = await sidecar.Client.GetAsync("/", Stop);
        using HttpResponseMessage rejected = await sidecar.Client.GetAsync("/", Stop);

        Assert.Equal("\"month\";q=1;w=2678400", Assert.Single(allowed.Headers.GetValues("RateLimit-Policy")));
        Assert.Equal("\"month\";r=0;t=14400", Assert.Single(allowed.Headers.GetValues("RateLimit")));
        Assert.Equal(HttpStatusCode.TooManyRequests, rejected.StatusCode);
        Assert.Equal(TimeSpan.FromHours(4), rejected.Headers.RetryAfter!.Delta);
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

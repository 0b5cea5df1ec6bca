using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class AdminTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Probes_answer_200(string path)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);

        using HttpResponseMessage response = await sidecar.Client.GetAsync(new Uri(sidecar.AdminAddress, path), Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Rules_are_listed_as_they_would_be_written()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, """ "rules": [ { "name": "per-ip", "key": ["client-ip"], "limit": 100, "window": "1s", "burst": 200 } ] """);

        using JsonDocument rules = JsonDocument.Parse(
            await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, "/api/v1/rules"), Stop));

        JsonElement rule = Assert.Single(rules.RootElement.GetProperty("rules").EnumerateArray());
        Assert.Equal("per-ip", rule.GetProperty("name").GetString());
        Assert.Equal(200, rule.GetProperty("burst").GetInt32());
        Assert.Equal("1s", rule.GetProperty("window").GetString());
    }

    [Fact]
    public async Task Overrides_and_the_mode_of_the_set_are_listed_beside_the_rules()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        const string Settings = """
            "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s" } ],
            "overrides": [ { "rule": "a", "key": ["/x"], "limit": "unlimited" }, { "rule": "a", "key": ["/y"], "limit": 5, "expiresAt": "2099-01-31T12:00:00Z" } ]
            """;
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, $"{Settings}, \"mode\": \"shadow\"");

        string listed = await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, "/api/v1/rules"), Stop);
        await sidecar.ApplyAsync(upstream, Settings);
        string enforced = await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, "/api/v1/rules"), Stop);

        const string Overrides =
            """[{"rule":"a","key":["/x"],"limit":"unlimited"},{"rule":"a","key":["/y"],"limit":5,"expiresAt":"2099-01-31T12:00:00Z"}]""";
        JsonElement first = JsonElement.Parse(listed);
        JsonElement second = JsonElement.Parse(enforced);
        Assert.Equal(Overrides, first.GetProperty("overrides").GetRawText());
        Assert.Equal(Overrides, second.GetProperty("overrides").GetRawText());
        Assert.Equal(("shadow", "enforce"), (first.GetProperty("mode").GetString(), second.GetProperty("mode").GetString()));

        // What is listed can be configured.
        await sidecar.ApplyAsync(
            upstream, $"\"mode\": \"shadow\", \"rules\": {first.GetProperty("rules").GetRawText()}, \"overrides\": {Overrides}");
    }

    [Fact]
    public async Task The_admin_api_is_not_reachable_through_the_proxy_nor_the_upstream_through_the_admin_listener()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("upstream"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);

        Assert.Equal("upstream", await sidecar.Client.GetStringAsync("/api/v1/rules", Stop));
        using HttpResponseMessage response = await sidecar.Client.GetAsync(new Uri(sidecar.AdminAddress, "/items"), Stop);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("wrong", HttpStatusCode.Unauthorized)]
    [InlineData("right", HttpStatusCode.OK)]
    public async Task A_token_is_asked_for_if_there_is_one(string? token, HttpStatusCode expected)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, """ "rules": [] """, adminToken: "right");
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(sidecar.AdminAddress, "/api/v1/rules"));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);

        using HttpResponseMessage response = await sidecar.Client.SendAsync(request, Stop);
        using HttpResponseMessage probe = await sidecar.Client.GetAsync(new Uri(sidecar.AdminAddress, "/healthz"), Stop);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
    }
}

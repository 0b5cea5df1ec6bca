using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class RulesRestTests
{
    private const string PerIp = """ "rules": [ { "name": "per-ip", "key": ["client-ip"], "limit": 3, "window": "1h", "algorithm": "fixed-window" } ] """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_limit_is_changed_at_once_and_what_was_counted_stays()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(sidecar));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(sidecar));
        (HttpStatusCode status, JsonElement reply) = await SendAsync(
            sidecar, HttpMethod.Put, "rules/per-ip", """{"key":["client-ip"],"limit":4,"window":"1h","algorithm":"fixed-window","by":"ann"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(2, reply.GetProperty("revision").GetInt64());
        Assert.Equal(HttpStatusCode.OK, await AskAsync(sidecar));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(sidecar));

        (_, JsonElement audit) = await SendAsync(sidecar, HttpMethod.Get, "audit");
        JsonElement entry = audit.GetProperty("entries")[0];
        Assert.Equal(("ann", "rest", "rules.put"), (Text(entry, "by"), Text(entry, "via"), Text(entry, "command")));

        (status, _) = await SendAsync(sidecar, HttpMethod.Post, "rollback", """{"revision":1}""");
        Assert.Equal(HttpStatusCode.OK, status);
        (_, JsonElement rule) = await SendAsync(sidecar, HttpMethod.Get, "rules/per-ip");
        Assert.Equal(3, rule.GetProperty("rule").GetProperty("limit").GetInt32());
    }

    [Fact]
    public async Task A_rule_is_made_and_removed_with_the_status_and_tag_that_say_so()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        const string Rule = """{"key":["path"],"limit":3,"window":"1h"}""";
        using HttpResponseMessage made = await SendRawAsync(sidecar, HttpMethod.Put, "rules/new", Rule, ("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal("\"2\"", made.Headers.ETag!.Tag);
        using HttpResponseMessage again = await SendRawAsync(sidecar, HttpMethod.Put, "rules/new", Rule, ("If-None-Match", "*"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, again.StatusCode);
        using HttpResponseMessage stale = await SendRawAsync(sidecar, HttpMethod.Delete, "rules/new", null, ("If-Match", "\"1\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
        Assert.Equal("stale-revision", Text(await ReadAsync(stale), "code"));
        using HttpResponseMessage odd = await SendRawAsync(sidecar, HttpMethod.Delete, "rules/new", null, ("If-Match", "\"x\""));
        Assert.Equal(HttpStatusCode.BadRequest, odd.StatusCode);
        using HttpResponseMessage gone = await SendRawAsync(sidecar, HttpMethod.Delete, "rules/new", null, ("If-Match", "\"2\""));
        Assert.Equal(HttpStatusCode.OK, gone.StatusCode);
        using HttpResponseMessage none = await SendRawAsync(sidecar, HttpMethod.Delete, "rules/new", null, ("If-Match", "*"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, none.StatusCode);
        (HttpStatusCode missing, JsonElement problem) = await SendAsync(sidecar, HttpMethod.Delete, "rules/new");
        Assert.Equal((HttpStatusCode.NotFound, "unknown-rule"), (missing, Text(problem, "code")));
    }

    [Fact]
    public async Task A_key_in_a_path_may_hold_anything()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, """ "rules": [ { "name": "r", "key": ["header:X", "path"], "limit": 3, "window": "1h" } ] """);
        string[] key = ["a/b %2F ü?#", "/items/1"];
        string path = $"rules/r/overrides/{Uri.EscapeDataString(key[0])}/{Uri.EscapeDataString(key[1])}";
        (HttpStatusCode status, JsonElement reply) = await SendAsync(sidecar, HttpMethod.Put, path, """{"limit":0,"ttl":"1h"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(key, reply.GetProperty("changes")[0].GetProperty("key").EnumerateArray().Select(part => part.GetString()));
        using HttpRequestMessage blocked = new(HttpMethod.Get, new Uri("/items/1", UriKind.Relative));
        blocked.Headers.TryAddWithoutValidation("X", "a/b %2F ?#");
        using HttpResponseMessage other = await sidecar.Client.SendAsync(blocked, Stop);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);

        (_, JsonElement list) = await SendAsync(sidecar, HttpMethod.Get, path);
        Assert.Equal(0, Assert.Single(list.GetProperty("overrides").EnumerateArray()).GetProperty("limit").GetInt32());
        (_, list) = await SendAsync(sidecar, HttpMethod.Get, "rules/r/overrides?limit=5");
        Assert.Single(list.GetProperty("overrides").EnumerateArray());
        (_, JsonElement standing) = await SendAsync(sidecar, HttpMethod.Get, path.Replace("overrides", "keys", StringComparison.Ordinal));
        Assert.Equal(0, standing.GetProperty("override").GetProperty("limit").GetInt32());
        (status, _) = await SendAsync(sidecar, HttpMethod.Delete, path);
        Assert.Equal(HttpStatusCode.OK, status);
        (status, JsonElement problem) = await SendAsync(sidecar, HttpMethod.Get, path);
        Assert.Equal((HttpStatusCode.NotFound, "unknown-override"), (status, Text(problem, "code")));
    }

    [Theory]
    [InlineData("DELETE", "rules/per-ip/overrides/%2E%2E")]
    [InlineData("DELETE", "rules/per-ip/keys/..")]
    [InlineData("PUT", "rules/per-ip/overrides/%2e")]
    public async Task A_part_that_would_name_a_folder_is_refused_rather_than_taken_for_something_else(string method, string path)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        string answer = await RawHttp.SendAsync(
            sidecar.AdminAddress,
            $"{method} /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            Stop);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        (_, JsonElement rules) = await SendAsync(sidecar, HttpMethod.Get, "rules");
        Assert.Equal(1, rules.GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task A_key_is_told_and_forgotten()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        await AskAsync(sidecar);
        (_, JsonElement standing) = await SendAsync(sidecar, HttpMethod.Get, "rules/per-ip/keys/127.0.0.1");
        Assert.Equal((true, 2), (standing.GetProperty("counted").GetBoolean(), standing.GetProperty("remaining").GetInt32()));
        (_, JsonElement forgotten) = await SendAsync(sidecar, HttpMethod.Delete, "rules/per-ip/keys/127.0.0.1");
        Assert.True(forgotten.GetProperty("forgotten").GetBoolean());
        (_, standing) = await SendAsync(sidecar, HttpMethod.Get, "rules/per-ip/keys/127.0.0.1");
        Assert.Equal((false, 3), (standing.GetProperty("counted").GetBoolean(), standing.GetProperty("remaining").GetInt32()));
        (HttpStatusCode status, JsonElement problem) = await SendAsync(sidecar, HttpMethod.Get, "rules/per-ip/keys/a/b");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("The key must have a value for each key part of 'per-ip': client-ip.", Text(problem, "detail"));
        (status, _) = await SendAsync(sidecar, HttpMethod.Get, "rules/x/keys/a");
        Assert.Equal(HttpStatusCode.NotFound, status);
    }

    [Fact]
    public async Task A_request_is_explained()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        await AskAsync(sidecar);
        (_, JsonElement reply) = await SendAsync(sidecar, HttpMethod.Post, "explain", """{"url":"/x","from":"127.0.0.1"}""");
        JsonElement rule = Assert.Single(reply.GetProperty("rules").EnumerateArray());
        Assert.Equal(("applies", "127.0.0.1", 2), (Text(rule, "applicability"), rule.GetProperty("key")[0].GetString(), rule.GetProperty("remaining").GetInt32()));
        (HttpStatusCode status, JsonElement problem) = await SendAsync(sidecar, HttpMethod.Post, "explain", """{"url":"/x","from":"nowhere"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("--from takes an IP address", Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", "rules/x", "{", 400, "invalid-json", "$")]
    [InlineData("PUT", "rules/x", "[]", 400, "invalid-json", "$")]
    [InlineData("PUT", "rules/x", """{"\ud800":1}""", 400, "invalid-rule", "$")]
    [InlineData("PUT", "rules/x", """{"key":["\ud800"],"limit":1,"window":"1s"}""", 400, "invalid-rule", "$.key[0]")]
    [InlineData("PUT", "rules/x", """{"name":"\ud800","key":["path"],"limit":1,"window":"1s"}""", 400, "invalid-request", "$.name")]
    [InlineData("PUT", "rules/x", """{"name":"y","key":["path"],"limit":1,"window":"1s"}""", 400, "invalid-request", "$.name")]
    [InlineData("PUT", "rules/x", """{"key":["path"],"limit":-1,"window":"1s"}""", 400, "invalid-rule", "$.limit")]
    [InlineData("PUT", "rules/x", """{"key":["pathh"],"limit":1,"window":"1s"}""", 400, "invalid-rule", "$.key[0]")]
    [InlineData("PUT", "rules/x", """{"key":["path"],"limit":1,"window":"1s","charge":"gold"}""", 400, "invalid-rule", "$.charge")]
    [InlineData("PUT", "rules/x", """{"key":["path"],"limit":1,"window":"1s","match":{"endpoint":true}}""", 400, "invalid-rule", "$.match.endpoint")]
    [InlineData("PUT", "rules/x", """{"key":["path"],"limit":1,"window":"1s","schema":9}""", 400, "unsupported-schema", "$.schema")]
    [InlineData("PUT", "rules/x%0ay", """{"key":["path"],"limit":1,"window":"1s"}""", 400, "invalid-rule", "$.name")]
    [InlineData("PUT", "rules/per-ip/overrides/1/2", """{"limit":1}""", 400, "invalid-override", "$.key")]
    [InlineData("PUT", "rules/x/overrides/1", """{"limit":1}""", 404, "unknown-rule", "$.rule")]
    [InlineData("PUT", "mode", """{"mode":"off"}""", 400, "invalid-request", "$.mode")]
    [InlineData("POST", "rollback", """{"revision":5}""", 404, "unknown-revision", "$.revision")]
    [InlineData("DELETE", "scheduled/7", null, 404, "unknown-id", "$.id")]
    [InlineData("GET", "rules?limit=0", null, 400, "invalid-request", "$.limit")]
    [InlineData("GET", "rules?limit=many", null, 400, "invalid-request", "$.limit")]
    [InlineData("GET", "rules?offset=3", null, 400, "invalid-request", "$.offset")]
    [InlineData("GET", "top?n=101", null, 400, "invalid-request", "$.n")]
    [InlineData("GET", "usage?rule=x", null, 404, "unknown-rule", "$.rule")]
    public async Task What_is_wrong_is_told_with_code_and_path(string method, string path, string? body, int expected, string code, string jsonPath)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        using HttpResponseMessage response = await SendRawAsync(sidecar, new HttpMethod(method), path, body);
        JsonElement problem = await ReadAsync(response);
        Assert.Equal((expected, code, jsonPath), ((int)response.StatusCode, Text(problem, "code"), Text(problem, "path")));
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(expected, problem.GetProperty("status").GetInt32());
        (_, JsonElement rules) = await SendAsync(sidecar, HttpMethod.Get, "rules");
        Assert.Equal(1, rules.GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task A_body_that_is_too_long_or_no_json_is_refused()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        (HttpStatusCode status, JsonElement problem) = await SendAsync(sidecar, HttpMethod.Put, "rules/x", new string(' ', 600_000));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-large"), (status, Text(problem, "code")));

        using HttpRequestMessage form = new(HttpMethod.Post, new Uri(sidecar.AdminAddress, "/api/v1/rollback"))
        {
            Content = new StringContent("""{"revision":1}""", Encoding.UTF8, "text/plain"),
        };
        using HttpResponseMessage refused = await sidecar.Client.SendAsync(form, Stop);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, refused.StatusCode);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("Host", "rebound.example", HttpStatusCode.Forbidden)]
    [InlineData("Host", "localhost:8081", HttpStatusCode.OK)]
    public async Task Pages_of_other_sites_are_refused(string header, string value, HttpStatusCode expected)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        using HttpResponseMessage response = await SendRawAsync(sidecar, HttpMethod.Get, "rules", null, (header, value));
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Everything_that_is_described_is_there()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        using JsonDocument description = JsonDocument.Parse(
            await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, "/openapi/v1.json"), Stop));
        int count = 0;
        foreach (JsonProperty path in description.RootElement.GetProperty("paths").EnumerateObject())
        {
            string url = path.Name.Replace("{name}", "per-ip", StringComparison.Ordinal).Replace("{key}", "127.0.0.1", StringComparison.Ordinal)
                .Replace("{id}", "1", StringComparison.Ordinal);
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                using HttpRequestMessage request = new(new HttpMethod(operation.Name.ToUpperInvariant()), new Uri(sidecar.AdminAddress, url));
                if (operation.Name is "put" or "post")
                {
                    request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
                }

                using HttpResponseMessage response = await sidecar.Client.SendAsync(request, Stop);
                string body = await response.Content.ReadAsStringAsync(Stop);
                Assert.NotEqual(HttpStatusCode.MethodNotAllowed, response.StatusCode);
                Assert.DoesNotContain("There is nothing at", body, StringComparison.Ordinal);
                Assert.True(
                    operation.Value.GetProperty("responses").TryGetProperty($"{(int)response.StatusCode}", out _),
                    $"{operation.Name} {path.Name} answered {(int)response.StatusCode}, which is not described: {body}");
                count++;
            }
        }

        Assert.True(count > 20);
    }

    [Fact]
    public async Task An_edit_of_the_configuration_replaces_what_commands_changed_and_says_so()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, PerIp);
        await SendAsync(sidecar, HttpMethod.Put, "rules/x", """{"key":["path"],"limit":1,"window":"1s"}""");
        await sidecar.ApplyAsync(upstream, PerIp);
        (_, JsonElement rules) = await SendAsync(sidecar, HttpMethod.Get, "rules");
        Assert.Equal(2, rules.GetProperty("rules").GetArrayLength());
        await sidecar.ApplyAsync(upstream, PerIp.Replace("\"limit\": 3", "\"limit\": 5", StringComparison.Ordinal));
        (_, rules) = await SendAsync(sidecar, HttpMethod.Get, "rules");
        Assert.Equal(5, Assert.Single(rules.GetProperty("rules").EnumerateArray()).GetProperty("limit").GetInt32());
        Assert.Equal("file", Text(rules.GetProperty("source"), "store"));
        Assert.Contains(sidecar.Log.Lines, line => line.Contains("replace those that commands had made up to revision 2", StringComparison.Ordinal));
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static async Task<HttpStatusCode> AskAsync(RunningSidecar sidecar)
    {
        using HttpResponseMessage response = await sidecar.Client.GetAsync(new Uri("/", UriKind.Relative), Stop);
        return response.StatusCode;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(
        RunningSidecar sidecar, HttpMethod method, string path, string? body = null)
    {
        using HttpResponseMessage response = await SendRawAsync(sidecar, method, path, body);
        return (response.StatusCode, await ReadAsync(response));
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(Stop));

    private static async Task<HttpResponseMessage> SendRawAsync(
        RunningSidecar sidecar, HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, $"{sidecar.AdminAddress}api/v1/{path}");
        if (body is not null)
        {
            request.Content = new StringContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await sidecar.Client.SendAsync(request, Stop);
    }
}

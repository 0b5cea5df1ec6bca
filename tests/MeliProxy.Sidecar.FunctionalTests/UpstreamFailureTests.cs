using System.Net;
using System.Text.Json;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class UpstreamFailureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upstream_that_refuses_connections_gives_502_that_says_so()
    {
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync("\"upstream\": [\"http://127.0.0.1:1\"]");

        using HttpResponseMessage response = await sidecar.Client.GetAsync("/items?secret=1", Stop);

        await AssertProblemAsync(response, HttpStatusCode.BadGateway, "http://127.0.0.1:1/ refused the connection.");
        string logged = await sidecar.Log.WaitForAsync("refused the connection", Stop);
        Assert.StartsWith("Warning: GET /items: ", logged, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", logged, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upstream_without_an_address_gives_502_that_says_so()
    {
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync("\"upstream\": [\"http://no-such-host.invalid\"]");

        using HttpResponseMessage response = await sidecar.Client.GetAsync("/", Stop);

        await AssertProblemAsync(response, HttpStatusCode.BadGateway, "http://no-such-host.invalid/ has a name that could not be resolved.");
    }

    [Fact]
    public async Task An_upstream_that_is_too_slow_gives_504()
    {
        TaskCompletionSource never = new();
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            context.RequestAborted.Register(() => never.TrySetResult());
            return never.Task;
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, "\"forwarding\": { \"activityTimeout\": \"200ms\" }");

        using HttpResponseMessage response = await sidecar.Client.GetAsync("/", Stop);

        await AssertProblemAsync(response, HttpStatusCode.GatewayTimeout, $"{upstream.Address} did not answer in time.");
    }

    [Theory]
    [InlineData("this is not HTTP\r\n\r\n", "gave no valid HTTP answer.")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n", "gave no valid HTTP answer.")]
    [InlineData("", "closed the connection before it answered.")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "gave no valid HTTP answer.")]
    public async Task An_upstream_that_answers_garbage_gives_502(string garbage, string reason)
    {
        await using RawUpstream upstream = RawUpstream.Start(garbage);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync($"\"upstream\": [\"{upstream.Address}\"]");

        using HttpResponseMessage response = await sidecar.Client.GetAsync("/", Stop);

        await AssertProblemAsync(response, HttpStatusCode.BadGateway, $"{upstream.Address} {reason}");
    }

    [Fact]
    public async Task An_error_of_the_upstream_itself_is_passed_on_untouched()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return context.Response.WriteAsync("their own words", Stop);
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);

        using HttpResponseMessage response = await sidecar.Client.GetAsync("/", Stop);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("their own words", await response.Content.ReadAsStringAsync(Stop));
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string detail)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Equal(detail, problem.RootElement.GetProperty("detail").GetString());
    }
}

using System.Net;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class ChargeTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("response-bytes")]
    [InlineData("request-bytes")]
    [InlineData("response-header:X-Cost")]
    public async Task What_a_request_used_puts_its_client_into_debt(string charge)
    {
        // The body there is echoed, and the header tells its length.
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            context.Response.Headers["X-Cost"] = $"{context.Request.ContentLength}";
            await context.Request.Body.CopyToAsync(context.Response.Body, Stop);
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream,
            $$"""
            "rules": [ { "name": "use", "key": ["client-ip"], "limit": 1000, "window": "1s", "cost": 0, "charge": "{{charge}}" } ]
            """,
            time: _time);

        // 1000 of 10,000 were there; the other 9000 take 9 s.
        Assert.Equal(HttpStatusCode.OK, await PostAsync(sidecar, 10_000));

        // It is charged just after its answer has left; until then empty requests pass and cost nothing.
        await Eventually.TrueAsync(async () => await PostAsync(sidecar, 0) == HttpStatusCode.TooManyRequests);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(HttpStatusCode.TooManyRequests, await PostAsync(sidecar, 0));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(sidecar, 0));
    }

    [Fact]
    public async Task A_header_that_is_no_number_charges_nothing_and_is_logged()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            context.Response.Headers["X-Cost"] = "much";
            return Task.CompletedTask;
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, """
            "rules": [ { "name": "use", "key": ["client-ip"], "limit": 1, "window": "1h", "cost": 0, "charge": "response-header:X-Cost" } ]
            """);

        Assert.Equal(HttpStatusCode.OK, await PostAsync(sidecar, 0));
        string line = await sidecar.Log.WaitForAsync("X-Cost", Stop);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(sidecar, 0));

        Assert.StartsWith("Warning: The response header X-Cost is to be charged but is no whole number", line, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> PostAsync(RunningSidecar sidecar, int bytes)
    {
        using HttpResponseMessage response = await sidecar.Client.PostAsync("/", new ByteArrayContent(new byte[bytes]), Stop);
        return response.StatusCode;
    }
}

using System.Text.Json;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class UpstreamsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Destinations_are_told_with_their_health()
    {
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync("""
            "rules": [],
            "ReverseProxy": {
              "Routes": { "all": { "ClusterId": "shop", "Match": { "Path": "{**path}" } } },
              "Clusters": { "shop": { "Destinations": { "b": { "Address": "http://127.0.0.1:9/api/" }, "a": { "Address": "http://127.0.0.1:9/" } } } }
            }
            """);

        JsonElement cluster = Assert.Single((await ReadAsync(sidecar)).GetProperty("clusters").EnumerateArray());

        Assert.Equal("shop", cluster.GetProperty("cluster").GetString());
        const string A = """{"destination":"a","address":"http://127.0.0.1:9/","active":"unknown","passive":"unknown","inFlight":0}""";
        const string B = """{"destination":"b","address":"http://127.0.0.1:9/api/","active":"unknown","passive":"unknown","inFlight":0}""";
        Assert.Equal($"[{A},{B}]", cluster.GetProperty("destinations").GetRawText());
    }

    [Fact]
    public async Task A_request_under_way_is_counted_at_its_destination()
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            arrived.SetResult();
            return go.Task.WaitAsync(context.RequestAborted);
        });
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);
        Task<HttpResponseMessage> request = sidecar.Client.GetAsync("/", Stop);
        await arrived.Task.WaitAsync(Stop);

        JsonElement destination = (await ReadAsync(sidecar)).GetProperty("clusters")[0].GetProperty("destinations")[0];

        Assert.Equal(upstream.Address, new Uri(destination.GetProperty("address").GetString()!));
        Assert.Equal(1, destination.GetProperty("inFlight").GetInt32());
        go.SetResult();
        (await request).Dispose();
    }

    private static async Task<JsonElement> ReadAsync(RunningSidecar sidecar) =>
        JsonElement.Parse(await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, "/api/v1/upstreams"), Stop));
}

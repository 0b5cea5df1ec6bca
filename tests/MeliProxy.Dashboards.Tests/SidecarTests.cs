using System.Globalization;
using System.Net;
using MeliProxy.Dashboards.Tests.Chronograf;
using MeliProxy.Dashboards.Tests.InfluxDB;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Dashboards.Tests;

/// <summary>The dashboards over what the published sidecar itself has written, with NATS and under load.</summary>
public sealed class SidecarTests(PublishedBinary binary)
{
    /// <summary>Far more than it takes, as a loaded machine needs more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Every_cell_shows_something_and_minutes_and_hours_lack_nothing()
    {
        await using InfluxServer influx = await InfluxServer.StartAsync();
        await using NatsServer nats = await NatsServer.StartAsync();
        await RetentionFile.CreateDatabaseAsync(influx);
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            context.Response.StatusCode = int.Parse(context.Request.Query["status"]!, CultureInfo.InvariantCulture);
            await context.Response.Body.WriteAsync("{\"id\":\"MLA1\"}"u8.ToArray(), context.RequestAborted);
        });
        using TemporaryFolder folder = new();
        folder.Write("meliproxy.json", $$"""
            {
              "upstream": "{{upstream.Address}}",
              "rules": [
                { "name": "per-client", "key": ["client-ip"], "limit": 40, "window": "1s" },
                { "name": "per-path", "key": ["path"], "limit": 1, "window": "1s", "mode": "shadow" },
                { "name": "app-day", "key": ["header:X-Api-Key"], "limit": 1000000, "window": "1d", "algorithm": "fixed-window", "scope": "shared" }
              ],
              "sharing": { "nats": "{{nats.Url}}", "domain": "shop" },
              "usage": { "influxdb": { "url": "{{influx.Url}}" } }
            }
            """);
        await using SidecarProcess sidecar = await SidecarProcess.StartInAsync(binary, folder.Path, "run");

        List<(string Place, string Query)> empty = [.. Dashboard.Names.SelectMany(QueriesOf)];
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (empty.Count > 0)
        {
            Assert.False(patience.IsCancellationRequested, string.Join('\n', empty) + "\n" + sidecar.Output);
            await LoadAsync(sidecar);
            List<(string Place, string Query)> still = [];
            foreach ((string place, string query) in empty)
            {
                if ((await influx.QueryAsync(query)).Count == 0)
                {
                    still.Add((place, query));
                }
            }

            empty = still;
        }

        await RetentionFile.RollUpAsync(influx);
        foreach (string measurement in RetentionFile.Measurements)
        {
            await RetentionFile.KeepsEveryFieldAsync(influx, measurement);
        }

        Assert.Equal(0, await sidecar.StopAsync());
    }

    /// <summary>More than the quota of a client, answers of each kind, and a shared quota that is used.</summary>
    private static async Task LoadAsync(SidecarProcess sidecar)
    {
        for (int i = 0; i < 60; i++)
        {
            HttpStatusCode status = (i % 3) switch
            {
                0 => HttpStatusCode.OK,
                1 => HttpStatusCode.NotFound,
                _ => HttpStatusCode.InternalServerError,
            };
            using HttpRequestMessage request = new(HttpMethod.Post, $"/items?status={(int)status}") { Content = new StringContent("{}") };
            request.Headers.Add("X-Api-Key", "app-1");
            using HttpResponseMessage response = await sidecar.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Contains(response.StatusCode, new[] { status, HttpStatusCode.TooManyRequests });
        }
    }

    private static IEnumerable<(string Place, string Query)> QueriesOf(string name)
    {
        var dashboard = Dashboard.Read(name);
        QueryRendering rendering = new(dashboard, new Dictionary<string, string> { [":rule:"] = "per-client" });
        return dashboard.Cells.SelectMany(cell => cell.Queries.Select(
            query => ($"{name}, {cell.I}", rendering.Render(query.Query, TimeSpan.FromMinutes(15)))));
    }
}

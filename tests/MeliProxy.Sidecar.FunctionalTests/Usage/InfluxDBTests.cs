using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests.Usage;

/// <summary>What a sidecar sends to InfluxDB; what becomes of it there is tested with the sink.</summary>
public sealed partial class InfluxDBTests
{
    [Fact]
    public async Task What_rules_and_routes_count_arrives_as_often_as_it_was()
    {
        const int requests = 7;
        ConcurrentQueue<string> lines = new();
        ConcurrentQueue<string> heads = new();
        await using TestUpstream influx = await TestUpstream.StartAsync(async context =>
        {
            heads.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Authorization}");
            using StreamReader reader = new(context.Request.Body);
            foreach (string line in (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                lines.Enqueue(line);
            }

            context.Response.StatusCode = 204;
        });
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, $$"""
            "rules": [ { "name": "few", "key": ["path"], "limit": 5, "window": "1h" } ],
            "sharing": { "node": "here" },
            "usage": { "store": null, "influxdb": {
              "url": "{{influx.Address}}", "org": "shop", "bucket": "usage", "token": "hidden-token", "gzip": false, "tags": { "dc": "north" } } }
            """);

        for (int i = 0; i < requests; i++)
        {
            using HttpResponseMessage answer = await sidecar.Client.GetAsync("/", TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(() => Sum("ratelimit_rule", "total") == requests && Sum("proxy_http", "count") == requests);
        Assert.Equal([5, 2], [Sum("ratelimit_rule", "allowed"), Sum("ratelimit_rule", "limited")]);
        Assert.All(lines, line => Assert.Contains(",dc=north,", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Contains(",node=here", line, StringComparison.Ordinal));
        Assert.All(heads, head => Assert.Equal("POST /api/v2/write?org=shop&bucket=usage&precision=ms Token hidden-token", head));
        Assert.DoesNotContain("hidden-token", string.Concat(sidecar.Log.Lines), StringComparison.Ordinal);

        long Sum(string measurement, string field) => lines.Where(line => line.StartsWith($"{measurement},", StringComparison.Ordinal))
            .SelectMany(line => Fields().Matches(line)).Where(match => match.Groups[1].Value == field)
            .Sum(match => long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("[ ,]([a-z_]+)=([0-9]+)i")]
    private static partial Regex Fields();
}

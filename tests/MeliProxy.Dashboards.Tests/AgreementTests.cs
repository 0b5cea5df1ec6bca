using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MeliProxy.Dashboards.Tests.InfluxDB;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Dashboards.Tests;

/// <summary>Wherever one looks, the totals are the same: those of the clients themselves.</summary>
public sealed class AgreementTests(PublishedBinary binary)
{
    private const int Requests = 3_000;
    private const int Limit = 2_000;
    private const int ShadowLimit = 7;
    private const string Body = "{\"id\":\"MLA1\"}";

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_store_InfluxDB_Prometheus_and_the_clients_count_the_same()
    {
        await using InfluxServer influx = await InfluxServer.StartAsync();
        await RetentionFile.CreateDatabaseAsync(influx);
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            context.Response.StatusCode = int.Parse(context.Request.Query["status"]!, CultureInfo.InvariantCulture);
            await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(Body), context.RequestAborted);
        });
        using TemporaryFolder folder = new();
        folder.Write("meliproxy.json", $$"""
            {
              "upstream": "{{upstream.Address}}",
              "rules": [
                { "name": "all", "key": ["global"], "limit": {{Limit}}, "window": "1d", "algorithm": "fixed-window" },
                { "name": "shadow", "key": ["global"], "limit": {{ShadowLimit}}, "window": "1d", "algorithm": "fixed-window", "mode": "shadow" }
              ],
              "state": null,
              "usage": { "store": "usage.db", "influxdb": { "url": "{{influx.Url}}" } }
            }
            """);
        Dictionary<string, long> answers;
        await using (SidecarProcess sidecar = await SidecarProcess.StartInAsync(binary, folder.Path, "run"))
        {
            answers = await LoadAsync(sidecar);

            // Scrapes of the same second are answered alike, so the last requests may not be in one yet.
            Dictionary<string, long> scraped = [];
            await Eventually.TrueAsync(async () => (scraped = await ScrapeAsync(sidecar)).Values.Sum() >= (3 * Requests));
            Assert.Equal(Expected(answers), scraped);
            Assert.Equal(0, await sidecar.StopAsync());
        }

        Assert.Equal(Expected(answers), await InfluxAsync(influx));
        await using SidecarProcess next = await SidecarProcess.StartInAsync(binary, folder.Path, "run");
        Dictionary<string, long> stored = [];
        await Eventually.TrueAsync(async () => (stored = await StoredAsync(next)).Count > 0);
        Assert.Equal(Expected(answers), stored);
    }

    /// <summary>What all have to tell: decisions by rule and outcome, and requests by class of status.</summary>
    private static Dictionary<string, long> Expected(Dictionary<string, long> answers)
    {
        long limited = answers["429"];
        Assert.Equal((Requests, Requests - Limit), (answers.Values.Sum(), limited));
        return new Dictionary<string, long>
        {
            ["all allowed"] = Limit,
            ["all limited"] = limited,
            ["shadow allowed"] = ShadowLimit,
            ["shadow shadow_limited"] = Requests - ShadowLimit,
            ["2xx"] = answers["200"],
            ["4xx"] = answers["404"] + limited,
            ["5xx"] = answers["500"],
        };
    }

    private static async Task<Dictionary<string, long>> LoadAsync(SidecarProcess sidecar)
    {
        ConcurrentDictionary<string, long> answers = [];
        int next = 0;

        // First one after the other, until the shadow rule has nothing left: then nothing depends on who is faster.
        await SendAsync(ShadowLimit);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SendAsync(Requests), Token)));
        return new Dictionary<string, long>(answers);

        async Task SendAsync(int upTo)
        {
            while (Volatile.Read(ref next) < upTo && Interlocked.Increment(ref next) is int i && i <= upTo)
            {
                int status = (i % 10) switch { 0 => 404, 1 => 500, _ => 200 };
                using HttpResponseMessage answer = await sidecar.Client.GetAsync(
                    new Uri($"/items/{i}?status={status}", UriKind.Relative), Token);
                string name = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
                answers.AddOrUpdate(name, 1, (_, count) => count + 1);
            }
        }
    }

    private static async Task<Dictionary<string, long>> ScrapeAsync(SidecarProcess sidecar)
    {
        Dictionary<string, long> totals = [];
        foreach (string line in (await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, "/metrics"), Token)).Split('\n'))
        {
            if (line.StartsWith("meliproxy_rate_limiting_decisions_total{", StringComparison.Ordinal))
            {
                Add(totals, $"{Label(line, "rule")} {Label(line, "outcome")}", Value(line));
            }
            else if (line.StartsWith("meliproxy_http_requests_total{", StringComparison.Ordinal))
            {
                Add(totals, Label(line, "class"), Value(line));
            }
        }

        return totals;

        static string Label(string line, string name)
        {
            int start = line.IndexOf($"{name}=\"", StringComparison.Ordinal) + name.Length + 2;
            return line[start..line.IndexOf('"', start)];
        }

        static long Value(string line) => long.Parse(line.Split("} ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private static async Task<Dictionary<string, long>> InfluxAsync(InfluxServer influx)
    {
        Dictionary<string, long> totals = [];
        foreach (Series series in await influx.QueryAsync(
            "SELECT sum(allowed), sum(limited), sum(shadow_limited) FROM meliproxy..ratelimit_rule GROUP BY rule"))
        {
            string[] outcomes = ["allowed", "limited", "shadow_limited"];
            for (int i = 0; i < outcomes.Length; i++)
            {
                Add(totals, $"{series.Tags!["rule"]} {outcomes[i]}", series.Values[0][i + 1].GetInt64());
            }
        }

        foreach (Series series in await influx.QueryAsync("SELECT sum(\"count\") FROM meliproxy..proxy_http GROUP BY class"))
        {
            Add(totals, series.Tags!["class"], series.Values[0][1].GetInt64());
        }

        return totals;
    }

    private static async Task<Dictionary<string, long>> StoredAsync(SidecarProcess sidecar)
    {
        Dictionary<string, long> totals = [];
        foreach (JsonElement rule in await AskAsync(sidecar, "usage", "rules"))
        {
            JsonElement total = rule.GetProperty("total");
            string name = rule.GetProperty("rule").GetString()!;
            Add(totals, $"{name} allowed", total.GetProperty("allowed").GetInt64());
            Add(totals, $"{name} limited", total.GetProperty("limited").GetInt64());
            Add(totals, $"{name} shadow_limited", total.GetProperty("shadowLimited").GetInt64());
        }

        foreach (JsonElement route in await AskAsync(sidecar, "traffic", "routes"))
        {
            Add(totals, route.GetProperty("class").GetString()!, route.GetProperty("total").GetProperty("count").GetInt64());
        }

        return totals;
    }

    /// <summary>A list of an answer about the last day; nothing while the store is not open yet.</summary>
    private static async Task<IReadOnlyList<JsonElement>> AskAsync(SidecarProcess sidecar, string question, string list)
    {
        using HttpResponseMessage answer = await sidecar.Client.GetAsync(
            new Uri(sidecar.AdminAddress, $"/api/v1/{question}?from=-1d"), Token);
        if (!answer.IsSuccessStatusCode)
        {
            return [];
        }

        using JsonDocument body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        return [.. body.RootElement.GetProperty(list).EnumerateArray().Select(item => item.Clone())];
    }

    private static void Add(Dictionary<string, long> totals, string name, long count)
    {
        if (count > 0)
        {
            totals[name] = totals.GetValueOrDefault(name) + count;
        }
    }
}

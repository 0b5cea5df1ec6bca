using System.Net;
using System.Text.Json;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.FunctionalTests.Usage;

/// <summary>What is stored of usage, as operators ask for it.</summary>
public sealed class UsageHistoryTests(PublishedBinary binary)
{
    private const string Rule = """{ "name": "day", "key": ["global"], "limit": 5, "window": "1d", "algorithm": "fixed-window" }""";

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sidecar_tells_what_it_has_stored()
    {
        using TemporaryFolder folder = new();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, $"\"rules\": [{Rule}], \"usage\": {{ \"store\": \"{Path.Combine(folder.Path, "usage.db")}\" }}");
        for (int i = 0; i < 7; i++)
        {
            (await sidecar.Client.GetAsync(new Uri("/", UriKind.Relative), Token)).Dispose();
        }

        // The file is opened while it starts.
        await Eventually.TrueAsync(async () =>
        {
            using HttpResponseMessage answer = await sidecar.Client.GetAsync(new Uri(sidecar.AdminAddress, "/api/v1/usage?from=-1h"), Token);
            return answer.IsSuccessStatusCode;
        });
        await Eventually.TrueAsync(async () => Sum(await AskAsync(sidecar, "usage?from=-1h"), "rules", "allowed") == 5);
        Assert.Equal(2, Sum(await AskAsync(sidecar, "usage?from=-1h&step=1m&rule=day&scope=node"), "rules", "limited"));
        await Eventually.TrueAsync(async () => Sum(await AskAsync(sidecar, "traffic?from=-15m"), "routes", "count") == 7);

        // Of however long a time, top has no steps of which there could be too many.
        foreach (string from in (string[])["-299m", "-300m", "-6h", "-1d", "-7d", "-400d"])
        {
            JsonElement top = await AskAsync(sidecar, $"top?from={from}");
            Assert.Equal("1m", top.GetProperty("step").GetString());
            Assert.False(Assert.Single(top.GetProperty("nodes").EnumerateArray()).TryGetProperty("problem", out _));
        }
    }

    [Theory]
    [InlineData("usage?from=-1h&step=7s", HttpStatusCode.BadRequest, "$.step: must be one of 1s, 5s, ")]
    [InlineData("usage?from=-1d&step=1s", HttpStatusCode.BadRequest, "$.step: makes 86,40")]
    [InlineData("usage?from=yesterday", HttpStatusCode.BadRequest, "$.from: must be a moment such as ")]
    [InlineData("usage?from=1970-01-01T00:00:00Z", HttpStatusCode.BadRequest, "$.from: makes 2,9")]
    [InlineData("usage?from=-1h&to=-2h", HttpStatusCode.BadRequest, "$.from: has to be before the end")]
    [InlineData("top?step=1m", HttpStatusCode.BadRequest, "$.step: ")]
    [InlineData("traffic", HttpStatusCode.ServiceUnavailable, "$: there is no usage store: set usage.store")]
    public async Task What_cannot_be_told_is_said_in_words(string question, HttpStatusCode status, string detail)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);

        using HttpResponseMessage answer = await sidecar.Client.GetAsync(new Uri(sidecar.AdminAddress, $"/api/v1/{question}"), Token);
        using JsonDocument body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));

        Assert.Equal(status, answer.StatusCode);
        Assert.StartsWith(detail, body.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_stored_when_the_process_was_killed_is_there_afterwards_and_adds_up()
    {
        using TemporaryFolder folder = new();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        string file = folder.Write(
            "meliproxy.json",
            $$"""{ "upstream": "{{upstream.Address}}", "state": null, "rules": [ { "name": "r", "key": ["global"], "limit": 1000000, "window": "1s" } ] }""");
        long sent = 0;
        for (int round = 0; round < 3; round++)
        {
            await using SidecarProcess sidecar = await SidecarProcess.StartInAsync(binary, folder.Path, "run", "--config", file);
            long before = await AllowedAsync(sidecar, "1s");
            Assert.InRange(before, 0, sent);
            Assert.Equal(before, await AllowedAsync(sidecar, "1m"));
            Assert.Equal(before, await AllowedAsync(sidecar, "1h"));
            for (int i = 0; i < 20; i++, sent++)
            {
                (await sidecar.Client.GetAsync(new Uri("/", UriKind.Relative), Token)).Dispose();
            }

            await Eventually.TrueAsync(async () => await AllowedAsync(sidecar, "1s") > before);
            await sidecar.KillAsync();
        }
    }

    private static async Task<long> AllowedAsync(SidecarProcess sidecar, string step)
    {
        long allowed = -1;
        await Eventually.TrueAsync(async () =>
        {
            // The file is opened while it starts.
            using HttpResponseMessage answer = await sidecar.Client.GetAsync(
                new Uri(sidecar.AdminAddress, $"/api/v1/usage?from=-25m&step={step}"), Token);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                return false;
            }

            using JsonDocument body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
            allowed = Sum(body.RootElement, "rules", "allowed");
            return true;
        });
        return allowed;
    }

    private static async Task<JsonElement> AskAsync(RunningSidecar sidecar, string question)
    {
        string json = await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, $"/api/v1/{question}"), Token);
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static long Sum(JsonElement answer, string list, string count) =>
        answer.GetProperty(list).EnumerateArray().Sum(item => item.GetProperty("total").GetProperty(count).GetInt64());
}

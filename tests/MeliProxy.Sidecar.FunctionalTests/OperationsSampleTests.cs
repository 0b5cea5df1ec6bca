using MeliProxy.RateLimiting.Nats.Tests.Server;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.FunctionalTests;

/// <summary>The walk of <c>samples/operations</c>, and its client in another language.</summary>
public sealed class OperationsSampleTests(PublishedBinary binary)
{
    private const string Settings = """ "rules": [{ "name": "per-client", "key": ["client-ip"], "limit": 100, "window": "10s" }], "rulesFile": null """;

    [Fact]
    public async Task The_walk_shows_what_it_should()
    {
        await using NatsServer installed = await NatsServer.ReserveAsync();

        FinishedProcess walk = await FinishedProcess.RunAsync(
            "env", [$"MELIPROXY_BINARY={binary.Path}", "WALK_WITHOUT_NODE=1", "bash", Path.Combine(binary.OperationsSample, "run.sh")]);

        Assert.True(walk.ExitCode == 0, walk.Output + walk.Errors);
        Assert.All(
            [
                "all three answer with RateLimit-Policy: \"per-client\";q=50;w=10",
                "HTTP/1.1 412 Precondition Failed",
                "per-client  limit 40 -> 30\n     Nothing was changed (dry run)",
                "all three answer 429 to 203.0.113.7",
                "all three answer 200 to 203.0.113.7",
                "\"code\":\"invalid-rule\"",
                "ana  nats  rules.put",
                "meliproxy: unavailable: ",
                "All 12 steps showed what they should.",
            ],
            line => Assert.Contains(line, walk.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_in_JavaScript_finds_the_sidecars_and_sends_commands()
    {
        using TemporaryFolder folder = new();
        await InstallClientAsync(folder);
        await using NatsServer nats = await NatsServer.StartAsync();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        string settings = $$"""{{Settings}}, "sharing": { "nats": "{{nats.Url}}", "domain": "shop" } """;
        await using RunningSidecar first = await RunningSidecar.StartAsync(upstream, settings);
        await using RunningSidecar second = await RunningSidecar.StartAsync(upstream, settings);
        await Eventually.TrueAsync(async () => (await CommandAsync("rules.mode", """{"mode":"enforce"}""")).ExitCode == 0);

        FinishedProcess found = await CommandAsync("--ping");
        FinishedProcess changed = await CommandAsync("rules.put", """{"name":"per-client","key":["client-ip"],"limit":50,"window":"10s"}""");
        FinishedProcess refused = await CommandAsync("rules.put", """{"name":"per-client","key":["client-ip"],"limit":-5,"window":"10s"}""");

        Assert.Equal((0, ""), (found.ExitCode, found.Errors));
        Assert.EndsWith("2 sidecars of the domain shop\n", found.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (changed.ExitCode, changed.Errors));
        Assert.StartsWith("""{"ok":true,"revision":2,"changed":true,""", changed.Output, StringComparison.Ordinal);
        Assert.Equal((1, ""), (refused.ExitCode, refused.Errors));
        Assert.Contains("\"path\":\"$.limit\"", refused.Output, StringComparison.Ordinal);
        foreach (RunningSidecar sidecar in new[] { first, second })
        {
            await Eventually.TrueAsync(async () => await PolicyAsync(sidecar) == "\"per-client\";q=50;w=10");
        }

        Task<FinishedProcess> CommandAsync(params string[] command) =>
            FinishedProcess.RunAsync("node", ["command.mjs", nats.Url, "shop", .. command], folder.Path);
    }

    /// <summary>Puts the client and what it needs into a folder, or skips the test if that cannot be had here.</summary>
    private async Task InstallClientAsync(TemporaryFolder folder)
    {
        FinishedProcess versions = await FinishedProcess.RunAsync("bash", ["-c", "node --version && npm --version"]);
        Assert.SkipUnless(versions.ExitCode == 0, "node or npm is not installed.");
        foreach (string file in Directory.GetFiles(Path.Combine(binary.OperationsSample, "nats-js")))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        FinishedProcess install = await FinishedProcess.RunAsync("npm", ["ci", "--no-audit", "--no-fund"], folder.Path);
        Assert.SkipUnless(install.ExitCode == 0, $"npm cannot install the NATS client: {install.Errors}");
    }

    private static async Task<string> PolicyAsync(RunningSidecar sidecar)
    {
        using HttpResponseMessage answer = await sidecar.Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        return string.Join(", ", answer.Headers.GetValues("RateLimit-Policy"));
    }
}

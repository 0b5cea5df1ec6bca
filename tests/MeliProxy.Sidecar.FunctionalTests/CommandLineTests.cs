using MeliProxy.RateLimiting.Nats.Tests.Server;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using MeliProxy.Sidecar.Tests.Commands.Operating;

namespace MeliProxy.Sidecar.FunctionalTests;

/// <summary>The command line with a running sidecar, by its admin listener and over NATS.</summary>
public sealed class CommandLineTests
{
    private const string Rules = """ "rules": [{ "name": "per-ip", "key": ["client-ip"], "limit": 100, "window": "1s" }], "rulesFile": null """;

    [Fact]
    public async Task Rules_are_changed_by_the_admin_listener()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Rules);

        await ChangeAsync("--admin", sidecar.AdminAddress.ToString());
    }

    [Fact]
    public async Task Rules_are_changed_over_nats()
    {
        await using NatsServer nats = await NatsServer.StartAsync();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, $$"""{{Rules}}, "sharing": { "nats": "{{nats.Url}}", "domain": "shop" } """);
        string[] ways = ["--nats", nats.Url, "--domain", "shop"];

        // The sidecar takes commands at once, and changes once it has found out what rules the domain has.
        await Eventually.TrueAsync(async () => (await CommandRun.OfAsync(["rules", "mode", "enforce", .. ways])).ExitCode == 0);

        await ChangeAsync(ways);
    }

    private static async Task ChangeAsync(params string[] ways)
    {
        Assert.Equal(
            "per-ip  limit 100 -> 50\nper-ip  burst (none) -> 60\nRevision 2\n", await DoneAsync("rules", "put", "per-ip", "--limit", "50", "--burst", "60"));
        Assert.Equal(
            "per-path  added: key path, algorithm token-bucket, limit 5, window 10s, scope local, mode enforce\nRevision 3\n",
            await DoneAsync("rules", "put", "per-path", "--key", "path", "--limit", "5", "--window", "10s"));
        Assert.Equal("per-path /items/1  added: blocked\nRevision 4\n", await DoneAsync("overrides", "put", "per-path", "/items/1", "--block"));
        Assert.Equal("per-path \"\"  added: unlimited\nRevision 5\n", await DoneAsync("overrides", "put", "per-path", "", "--unlimited"));
        Assert.Equal("mode  enforce -> shadow\nNothing was changed (dry run)\n", await DoneAsync("rules", "mode", "shadow", "--dry-run"));
        Assert.Equal(
            "per-path  removed, was: key path, algorithm token-bucket, limit 5, window 10s, scope local, mode enforce\n"
                + "per-path /items/1  removed, was: blocked\nper-path \"\"  removed, was: unlimited\nRevision 6\n",
            await DoneAsync("rules", "rollback", "2"));

        Assert.Equal((1, "meliproxy: unknown-rule at $.name: there is no rule 'per-path'\n"), await RefusedAsync("rules", "get", "per-path"));
        (int exitCode, string errors) = await RefusedAsync("rules", "delete", "per-ip", "--expected-revision", "5");
        Assert.Equal(3, exitCode);
        Assert.StartsWith("meliproxy: stale-revision at $.expectedRevision: ", errors, StringComparison.Ordinal);

        string[] audit = (await DoneAsync("audit", "--limit", "2")).Split('\n');
        Assert.Matches($@"^6  \S+  {Environment.UserName}@{Environment.MachineName}  \S+  rules\.rollback$", audit[0]);
        Assert.Contains("   per-path \"\"  removed, was: unlimited", audit);

        async Task<string> DoneAsync(params string[] args)
        {
            CommandRun run = await CommandRun.OfAsync([.. args, .. ways]);
            Assert.Equal((0, ""), (run.ExitCode, run.Errors));
            return run.Output;
        }

        async Task<(int ExitCode, string Errors)> RefusedAsync(params string[] args)
        {
            CommandRun run = await CommandRun.OfAsync([.. args, .. ways]);
            Assert.Equal("", run.Output);
            return (run.ExitCode, run.Errors);
        }
    }
}

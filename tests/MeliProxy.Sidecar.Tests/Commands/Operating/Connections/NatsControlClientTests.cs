using System.Text;
using System.Text.Json.Nodes;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using NATS.Client.Core;

namespace MeliProxy.Sidecar.Tests.Commands.Operating.Connections;

public sealed class NatsControlClientTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_is_a_request_on_its_subject()
    {
        await using NatsServer server = await NatsServer.StartAloneAsync("--user", "ana", "--pass", "hunter2");
        string url = $"nats://ana:hunter2@127.0.0.1:{server.Port}";
        JsonObject? received = null;
        await using NatsConnection sidecar = await RespondAsync(url, "meliproxy.shop.cmd.rules.mode", body =>
        {
            received = (JsonObject)JsonNode.Parse(body)!;
            return """{"ok":true,"revision":8,"changed":true,"dryRun":false,"changes":[{"kind":"mode","before":"enforce","after":"shadow"}]}""";
        });

        CommandRun run = await CommandRun.OfAsync("rules", "mode", "shadow", "--ttl", "10m", "--nats", url, "--domain", "shop");

        Assert.Equal((0, "mode  enforce -> shadow\nRevision 8\n", ""), (run.ExitCode, run.Output, run.Errors));
        Assert.Equal("shadow", received!["mode"]!.GetValue<string>());
        Assert.Equal("10m", received["ttl"]!.GetValue<string>());
        Assert.Equal($"{Environment.UserName}@{Environment.MachineName}", received["by"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(
        """{"ok":false,"error":{"code":"stale-revision","message":"it is 9","path":"$.expectedRevision"}}""",
        3,
        "meliproxy: stale-revision at $.expectedRevision: it is 9\n")]
    [InlineData(
        """{"ok":false,"error":{"code":"invalid-request","message":"2 errors"},"errors":[{"path":"$.a","message":"x"},{"path":"$.b","message":"y"}]}""",
        1,
        "meliproxy: invalid-request at $.a: x\nmeliproxy: invalid-request at $.b: y\n")]
    public async Task A_refusal_is_told_with_all_that_is_wrong(string answer, int exitCode, string errors)
    {
        await using NatsServer server = await NatsServer.StartAloneAsync();
        await using NatsConnection sidecar = await RespondAsync(server.Url, "meliproxy.default.cmd.rules.list", _ => answer);

        CommandRun run = await CommandRun.OfAsync("rules", "list", "--json", "--nats", server.Url);

        Assert.Equal((exitCode, answer + "\n", errors), (run.ExitCode, run.Output, run.Errors));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("""{"rules":[]}""")]
    [InlineData("""{"ok":false}""")]
    public async Task What_is_no_answer_of_a_sidecar_is_told_as_such(string answer)
    {
        await using NatsServer server = await NatsServer.StartAloneAsync();
        await using NatsConnection sidecar = await RespondAsync(server.Url, "meliproxy.default.cmd.nodes", _ => answer);

        CommandRun run = await CommandRun.OfAsync("nodes", "--nats", server.Url);

        Assert.Equal(
            (1, $"meliproxy: what answered nodes at {server.Url} is no sidecar of this version\n"), (run.ExitCode, run.Errors));
    }

    [Fact]
    public async Task A_domain_without_sidecars_is_told_of_at_once()
    {
        await using NatsServer server = await NatsServer.StartAloneAsync();

        CommandRun run = await CommandRun.OfAsync("nodes", "--nats", server.Url, "--domain", "shop");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            $"meliproxy: no sidecar of the domain 'shop' takes nodes at {server.Url}. Is one connected, and is --domain right?\n", run.Errors);
    }

    [Fact]
    public async Task A_server_that_lets_nobody_in_is_told_of_without_the_password()
    {
        await using NatsServer server = await NatsServer.StartAloneAsync("--user", "ana", "--pass", "hunter2");

        CommandRun run = await CommandRun.OfAsync("nodes", "--nats", $"nats://ana:hunter3@127.0.0.1:{server.Port}");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"meliproxy: cannot reach {server.Url}: ", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_of_without_the_password()
    {
        CommandRun run = await CommandRun.OfAsync("nodes", "--nats", "nats://ana:hunter2@127.0.0.1:1");

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("meliproxy: cannot reach nats://127.0.0.1:1: ", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", run.Errors, StringComparison.Ordinal);
    }

    private static async Task<NatsConnection> RespondAsync(string url, string subject, Func<byte[], string> answer)
    {
        NatsConnection connection = new(NatsOpts.Default with { Url = url });
        await connection.ConnectAsync();
        INatsSub<byte[]> subscription = await connection.SubscribeCoreAsync<byte[]>(subject, cancellationToken: Stop);

        // The server has taken the subscription once it answers a ping that was sent after it.
        await connection.PingAsync(Stop);
        _ = Task.Run(
            async () =>
            {
                await foreach (NatsMsg<byte[]> request in subscription.Msgs.ReadAllAsync(Stop))
                {
                    await request.ReplyAsync(Encoding.UTF8.GetBytes(answer(request.Data!)), cancellationToken: Stop);
                }
            },
            Stop);
        return connection;
    }
}

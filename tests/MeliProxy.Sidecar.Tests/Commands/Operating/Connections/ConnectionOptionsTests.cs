namespace MeliProxy.Sidecar.Tests.Commands.Operating.Connections;

public sealed class ConnectionOptionsTests
{
    [Theory]
    [InlineData("--admin: --nats is another way to ask; give one", "nodes", "--nats", "nats://x", "--admin", "http://y")]
    [InlineData("--token: --nats is another way to ask; give one", "nodes", "--nats", "nats://x", "--token", "secret")]
    [InlineData("--domain: takes --nats", "nodes", "--domain", "shop")]
    [InlineData("--nats-credentials: takes --nats", "nodes", "--nats-credentials", "a.creds")]
    [InlineData("--nats-credentials: there is no file /none/a.creds", "nodes", "--nats", "nats://x", "--nats-credentials", "/none/a.creds")]
    [InlineData("--domain: must be 1 to 64 of the characters a-z, A-Z, 0-9, '_' and '-'", "nodes", "--nats", "nats://x", "--domain", "a.*")]
    [InlineData("--nats: must be one server, without a comma", "nodes", "--nats", "nats://a,nats://b")]
    [InlineData("--nats: 'http://a' must be an absolute nats:// or tls:// URL such as \"nats://127.0.0.1:4222\"", "nodes", "--nats", "http://a")]
    [InlineData("--cert and --cert-key go together", "nodes", "--cert", "a.pem")]
    [InlineData("--cert and --cert-key go together", "nodes", "--cert-key", "a.pem")]
    [InlineData("--admin must come after the command", "--admin", "http://y", "nodes")]
    [InlineData("--nats must come after the command", "--nats", "nats://x", "rules", "list")]
    public async Task Options_that_do_not_go_together_are_refused_before_anybody_is_asked(string error, params string[] args)
    {
        CommandRun run = await CommandRun.OfAsync(args);

        Assert.Equal((1, "", $"meliproxy: {error}\n"), (run.ExitCode, run.Output, run.Errors));
    }
}

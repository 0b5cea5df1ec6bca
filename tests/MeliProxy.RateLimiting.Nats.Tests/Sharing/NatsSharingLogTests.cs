using MeliProxy.RateLimiting.Nats.Sharing;
using MeliProxy.RateLimiting.Nats.Tests.Infrastructure;

namespace MeliProxy.RateLimiting.Nats.Tests.Sharing;

public sealed class NatsSharingLogTests
{
    private const string Server = "nats://127.0.0.1:4222";

    [Theory]
    [InlineData("meliproxy.d.lease.node.0123456789abcdef.answer", "meliproxy.d.lease.node.*.answer")]
    [InlineData("meliproxy.d.lease.node.0123456789abcdef.*", "meliproxy.d.lease.node.*.*")]
    [InlineData("meliproxy.d.lease.node.0123456789abcdef.31", "meliproxy.d.lease.node.*.*")]
    [InlineData("meliproxy.d.lease.nodes.0123456789abcdef0123456789abcdef", "meliproxy.d.lease.nodes.*")]
    [InlineData("meliproxy.d.lease.nodes", "meliproxy.d.lease.nodes")]
    [InlineData("meliproxy.d.lease.shard.7", "meliproxy.d.lease.shard.*")]
    [InlineData("$KV.meliproxy-d.shard.7", "$KV.meliproxy-d.shard.*")]
    [InlineData("$KV.meliproxy-d.ledger.7.1", "$KV.meliproxy-d.ledger.*.*")]
    [InlineData("$KV.meliproxy-d.secret", "$KV.meliproxy-d.secret")]
    [InlineData("$JS.API.STREAM.INFO.KV_meliproxy-d", "$JS.API.STREAM.INFO.KV_meliproxy-d")]
    [InlineData("_INBOX.q3Zx0aB7.*", "_INBOX.*.*")]
    public void A_subject_is_shown_as_a_pattern_that_can_be_permitted(string subject, string shown)
    {
        using CollectedLog log = new();
        new NatsSharingLog(log).NotPermitted(Server, $"Permissions Violation for Publish to \"{subject}\"");
        Assert.Equal(
            $"7 Error: NATS at {Server} does not permit what sharing quotas needs: Permissions Violation for Publish to \"{shown}\". Add the "
            + "subject to the permissions of the user; docs/protocol.md lists the permissions",
            Assert.Single(log.Lines));
    }

    [Fact]
    public void Subjects_that_differ_in_what_is_random_are_told_of_once()
    {
        using CollectedLog log = new();
        NatsSharingLog told = new(log);
        for (int i = 0; i < 40; i++)
        {
            told.NotPermitted(Server, $"Permissions Violation for Publish to \"meliproxy.d.lease.nodes.{i:x32}\"");
            told.NotPermitted(Server, $"Permissions Violation for Subscription to \"meliproxy.d.lease.node.{i:x16}.*\"");
        }

        Assert.Equal(2, log.Lines.Count);
    }
}

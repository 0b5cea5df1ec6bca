using System.Text;
using System.Text.Json;
using MeliProxy.RateLimiting.Nats.Tests.Infrastructure;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Tests.Control;

public sealed class CommandServiceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_is_a_plain_request()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember member = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !member.Store.IsCutOff);
        await using NatsConnection client = new(new NatsOpts { Url = server.Url });
        JsonElement reply = await AskAsync(client, "rules.put", RuledMember.Rule("new", 7)[..^1] + ",\"by\":\"ann\"}");
        Assert.Equal((true, 2), (reply.GetProperty("ok").GetBoolean(), reply.GetProperty("revision").GetInt32()));
        Assert.Equal(7, member.LimitOf("new"));
        JsonElement entry = (await AskAsync(client, "audit", "")).GetProperty("entries")[0];
        Assert.Equal(("nats", "ann"), (entry.GetProperty("via").GetString(), entry.GetProperty("by").GetString()));

        NatsMsg<string> refused = await client.RequestAsync<string, string>(
            "meliproxy.tests.cmd.rules.put", """{"name":"x","key":["name"],"limit":-5,"window":"1s"}""", cancellationToken: Stop);
        Assert.Equal("400", refused.Headers!["Nats-Service-Error-Code"]);
        JsonElement error = JsonElement.Parse(refused.Data!).GetProperty("error");
        Assert.Equal(("invalid-rule", "$.limit"), (error.GetProperty("code").GetString(), error.GetProperty("path").GetString()));
    }

    [Fact]
    public async Task One_of_several_members_answers()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await using RuledMember bob = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff && !bob.Store.IsCutOff);
        await using NatsConnection client = new(new NatsOpts { Url = server.Url });
        for (int i = 2; i < 12; i++)
        {
            JsonElement reply = await AskAsync(client, "rules.put", RuledMember.Rule("new", i));
            Assert.Equal(i, reply.GetProperty("revision").GetInt32());
        }
    }

    [Fact]
    public async Task The_service_is_found_by_those_who_ask_which_there_are()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember member = RuledMember.Start(server.Url);
        await using NatsConnection client = new(new NatsOpts { Url = server.Url });
        await Eventually.TrueAsync(async () => await TryAskAsync(client, "$SRV.PING") is not null);
        await AskAsync(client, "rules.list", "");
        JsonElement ping = JsonElement.Parse((await TryAskAsync(client, "$SRV.PING.meliproxy"))!);
        Assert.Equal(("meliproxy", "1.2.3", "tests"), (ping.GetProperty("name").GetString(), ping.GetProperty("version").GetString(), ping.GetProperty("metadata").GetProperty("domain").GetString()));
        JsonElement info = JsonElement.Parse((await TryAskAsync(client, "$SRV.INFO"))!);
        Assert.Contains(info.GetProperty("endpoints").EnumerateArray(), e => e.GetProperty("subject").GetString() == "meliproxy.tests.cmd.rules.put");
        JsonElement stats = JsonElement.Parse((await TryAskAsync(client, "$SRV.STATS"))!);
        JsonElement list = stats.GetProperty("endpoints").EnumerateArray().First(e => e.GetProperty("name").GetString() == "rules-list");
        Assert.Equal(1, list.GetProperty("num_requests").GetInt32());
    }

    [Theory]
    [InlineData("$KV.meliproxy-tests.rules")]
    [InlineData("meliproxy.tests.lease.nodes")]
    public async Task Nothing_is_written_to_where_the_domain_keeps_things(string replyTo)
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember member = RuledMember.Start(server.Url);
        await using NatsConnection client = new(new NatsOpts { Url = server.Url });
        await Eventually.TrueAsync(async () => await TryAskAsync(client, "meliproxy.tests.cmd.rules.list") is not null);
        await using INatsSub<string> spy = await client.SubscribeCoreAsync<string>(replyTo, cancellationToken: Stop);
        await client.PublishAsync("meliproxy.tests.cmd.rules.list", "", replyTo: replyTo, cancellationToken: Stop);
        await AskAsync(client, "rules.list", "");
        Assert.False(spy.Msgs.TryRead(out _));
    }

    private static async Task<JsonElement> AskAsync(NatsConnection client, string command, string body)
    {
        // Commands are answered a moment after the member has connected.
        string? answer = null;
        await Eventually.TrueAsync(async () => (answer = await TryAskAsync(client, $"meliproxy.tests.cmd.{command}", body)) is not null);
        return JsonElement.Parse(answer!);
    }

    private static async Task<string?> TryAskAsync(NatsConnection client, string subject, string body = "")
    {
        try
        {
            NatsMsg<byte[]> reply = await client.RequestAsync<byte[], byte[]>(subject, Encoding.UTF8.GetBytes(body), cancellationToken: Stop);
            return Encoding.UTF8.GetString(reply.Data ?? []);
        }
        catch (NatsNoRespondersException)
        {
            await Task.Delay(20, Stop);
            return null;
        }
    }
}

using System.Text;
using System.Text.Json;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Nats.Tests.Infrastructure;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;

namespace MeliProxy.RateLimiting.Nats.Tests.Control;

public sealed class NatsRuleStoreTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_by_one_member_is_in_force_at_all()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await using RuledMember bob = RuledMember.Start(server.Url, RuledMember.Document("other", 2));
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff && !bob.Store.IsCutOff);
        Assert.Equal(ann.Store.Document.Id, bob.Store.Document.Id);

        JsonElement reply = await ann.SendAsync("rules.put", RuledMember.Rule("new", 7));
        Assert.True(reply.GetProperty("ok").GetBoolean(), reply.GetRawText());
        await Eventually.TrueAsync(() => bob.LimitOf("new") == 7);
        reply = await bob.SendAsync("rules.put", RuledMember.Rule("new", 8));
        Assert.Equal(3, reply.GetProperty("revision").GetInt64());
        await Eventually.TrueAsync(() => ann.LimitOf("new") == 8);
        Assert.All(ann.Applied.Concat(bob.Applied), applied => Assert.Null(applied.Problem));
    }

    [Fact]
    public async Task A_change_is_made_of_the_latest_rules_whichever_member_is_asked()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await using RuledMember bob = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff && !bob.Store.IsCutOff);
        for (int i = 0; i < 20; i++)
        {
            JsonElement reply = await (i % 2 == 0 ? ann : bob).SendAsync("rules.put", RuledMember.Rule("new", 5 + (i % 2)));
            Assert.True(reply.GetProperty("changed").GetBoolean());
            JsonElement list = await (i % 2 == 0 ? bob : ann).SendAsync("rules.get", """{"name":"new"}""");
            Assert.Equal(5 + (i % 2), list.GetProperty("rule").GetProperty("limit").GetInt32());
        }
    }

    [Fact]
    public async Task One_that_comes_later_has_the_rules_before_it_needs_them()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff);
        await ann.SendAsync("rules.put", RuledMember.Rule("new", 7));

        await using RuledMember late = RuledMember.Start(server.Url, RuledMember.Document("other", 2));
        Assert.True(await late.Store.WhenKnownAsync(Patience, Stop));
        Assert.Equal((7, null), (late.LimitOf("new"), late.LimitOf("other")));
    }

    [Fact]
    public async Task Without_a_server_the_document_stays_and_cannot_be_changed()
    {
        await using NatsServer server = await NatsServer.ReserveAsync("-js");
        await using RuledMember ann = RuledMember.Start(server.Url);
        Assert.False(await ann.Store.WhenKnownAsync(Patience, Stop));
        Assert.Equal(1, ann.LimitOf("configured"));
        JsonElement reply = await ann.SendAsync("rules.put", RuledMember.Rule("new", 7));
        Assert.Equal("unavailable", reply.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("cannot be reached now", reply.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.True((await ann.SendAsync("rules.list")).GetProperty("source").GetProperty("isCutOff").GetBoolean());

        await server.StartAgainAsync();
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff);
        Assert.True((await ann.SendAsync("rules.put", RuledMember.Rule("new", 7))).GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task A_server_that_hangs_costs_a_start_no_more_than_its_patience_and_a_change_says_that_nobody_knows()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff);
        await server.PauseAsync();
        JsonElement reply = await ann.SendAsync("rules.put", RuledMember.Rule("new", 7));
        Assert.Equal("unavailable", reply.GetProperty("error").GetProperty("code").GetString());
        await using RuledMember late = RuledMember.Start(server.Url);
        Assert.False(await late.Store.WhenKnownAsync(TimeSpan.FromMilliseconds(300), Stop));
        Assert.Equal(1, late.LimitOf("configured"));
        await server.ResumeAsync();
        await Eventually.TrueAsync(() => !late.Store.IsCutOff && late.Store.Document.Id == ann.Store.Document.Id);
    }

    [Fact]
    public async Task A_store_that_lost_its_data_gets_the_rules_back()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff);
        await ann.SendAsync("rules.put", RuledMember.Rule("new", 7));
        RuleDocument before = ann.Store.Document;
        await server.KillAsync();
        server.Empty();
        await server.StartAgainAsync();

        // One that knows no more than its configuration leaves the store to those who do.
        await using RuledMember late = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !late.Store.IsCutOff && late.LimitOf("new") == 7);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff);
        Assert.Equal((before.Id, before.Revision), (late.Store.Document.Id, late.Store.Document.Revision));
        Assert.True((await ann.SendAsync("rules.put", RuledMember.Rule("new", 8))).GetProperty("ok").GetBoolean());
        await Eventually.TrueAsync(() => late.LimitOf("new") == 8);
    }

    [Fact]
    public async Task Rules_of_another_origin_do_not_replace_those_of_the_domain_however_often_they_were_changed()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff);
        MemoryRuleStore elsewhere = new(RuledMember.Document("foreign", 1));
        using RuleControl control = new(new RuleControlOptions { Store = elsewhere, Apply = _ => { } });
        for (int i = 2; i < 9; i++)
        {
            await control.RunAsync("rules.put", Encoding.UTF8.GetBytes(RuledMember.Rule("foreign", i)), new CommandOrigin("test"), Stop);
        }

        await using RuledMember stray = RuledMember.Start(server.Url, elsewhere.Document);
        await Eventually.TrueAsync(() => stray.LimitOf("configured") == 1);
        Assert.Equal(1, ann.Store.Document.Revision);
    }

    [Fact]
    public async Task Garbage_in_the_store_is_replaced_and_a_later_form_is_left_alone()
    {
        string huge = """{"schema":1,"id":"x","revision":9223372036854775807,"seed":"","rules":[],"scheduled":[],"history":[]}""";
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff);
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        INatsKVStore bucket = await new NatsKVContext(new NatsJSContext(connection)).GetStoreAsync("meliproxy-tests", Stop);
        foreach (string garbage in new[] { "garbage", "{}", huge })
        {
            await bucket.PutAsync("rules", garbage, cancellationToken: Stop);
            await connection.PublishAsync("meliproxy.tests.rules.changed", cancellationToken: Stop);
            await Eventually.TrueAsync(async () =>
                (await bucket.GetEntryAsync<string>("rules", cancellationToken: Stop)).Value?.Contains("\"configured\"", StringComparison.Ordinal) == true);
        }

        Assert.Contains(ann.Log.Lines, line => line.Contains("cannot be read", StringComparison.Ordinal));

        await bucket.PutAsync("rules", """{"schema":2,"what":"is new"}""", cancellationToken: Stop);
        await connection.PublishAsync("meliproxy.tests.rules.changed", cancellationToken: Stop);
        await Eventually.TrueAsync(() => ann.Store.IsCutOff);
        JsonElement reply = await ann.SendAsync("rules.put", RuledMember.Rule("new", 7));
        Assert.Contains("schema 2", reply.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, ann.LimitOf("configured"));
        Assert.Contains("is new", (await bucket.GetEntryAsync<string>("rules", cancellationToken: Stop)).Value!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_that_change_the_same_do_not_overwrite_each_other()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await using RuledMember bob = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff && !bob.Store.IsCutOff);
        RuledMember[] both = [ann, bob];
        JsonElement[] replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            both[i % 2].SendAsync("rules.put", RuledMember.Rule($"r{i}", 7))));
        Assert.All(replies, reply => Assert.True(reply.GetProperty("ok").GetBoolean(), reply.GetRawText()));
        await Eventually.TrueAsync(() => ann.InForce.Count == 11 && bob.InForce.Count == 11);

        string stale = RuledMember.Rule("r0", 9)[..^1] + $",\"expectedRevision\":{ann.Store.Document.Revision}}}";
        replies = await Task.WhenAll(both.Select(member => member.SendAsync("rules.put", stale.Replace("9,", member == ann ? "9," : "10,", StringComparison.Ordinal))));
        JsonElement refused = Assert.Single(replies, reply => !reply.GetProperty("ok").GetBoolean());
        Assert.Equal("stale-revision", refused.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Hints_without_end_cost_little()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using RuledMember ann = RuledMember.Start(server.Url);
        await Eventually.TrueAsync(() => !ann.Store.IsCutOff);
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        for (int i = 0; i < 20_000; i++)
        {
            await connection.PublishAsync("meliproxy.tests.rules.changed", "99999999999", cancellationToken: Stop);
        }

        Assert.True((await ann.SendAsync("rules.put", RuledMember.Rule("new", 7))).GetProperty("ok").GetBoolean());
        Assert.Equal(7, ann.LimitOf("new"));
    }
}

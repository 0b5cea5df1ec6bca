using System.Text;
using System.Text.Json;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Control;

public class RuleControlTests
{
    private const string PerIp = """{"name":"per-ip","key":["client-ip"],"limit":50,"window":"1s"}""";

    [Fact]
    public async Task A_rule_is_added_replaced_where_it_is_and_removed()
    {
        using Operator op = new(Call.Bucket("a", 5), Call.Bucket("z", 9));
        JsonElement added = await op.DoAsync("rules.put", PerIp);
        Assert.Equal(2, added.GetProperty("revision").GetInt64());
        Assert.True(added.GetProperty("changed").GetBoolean());
        JsonElement change = added.GetProperty("changes")[0];
        Assert.Equal(("rule", "per-ip"), (change.GetProperty("kind").GetString(), change.GetProperty("name").GetString()));
        Assert.Equal(JsonValueKind.Null, change.GetProperty("before").ValueKind);
        Assert.Equal(50, change.GetProperty("after").GetProperty("limit").GetInt64());
        Assert.Equal(["a", "z", "per-ip"], op.InForce.Select(r => r.Name));

        await op.DoAsync("rules.put", """{"name":"a","key":["client-ip"],"limit":7,"window":"1s"}""");
        Assert.Equal(["a", "z", "per-ip"], op.InForce.Select(r => r.Name));
        Assert.Equal(7, op.LimitOf("a"));

        await op.DoAsync("rules.delete", """{"name":"a"}""");
        Assert.Equal(["z", "per-ip"], op.InForce.Select(r => r.Name));
        Assert.Equal(4, op.Control.Document.Revision);
    }

    [Fact]
    public async Task The_same_again_changes_nothing()
    {
        using Operator op = new();
        await op.DoAsync("rules.put", PerIp);
        JsonElement again = await op.DoAsync("rules.put", PerIp);
        Assert.False(again.GetProperty("changed").GetBoolean());
        Assert.Equal(2, again.GetProperty("revision").GetInt64());
        Assert.Equal(2, op.Applied.Count);
    }

    [Theory]
    [InlineData("rules.put", "{", "invalid-json", "$")]
    [InlineData("rules.put", "[]", "invalid-json", "$")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":-5,"window":"1s"}""", "invalid-rule", "$.limit")]
    [InlineData("rules.put", """{"name":"x","key":["nonsense"],"limit":5,"window":"1s"}""", "invalid-rule", "$.key[0]")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":5,"window":"1s","expire":1}""", "invalid-rule", "$.expire")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":5,"window":"1s","dryRun":1}""", "invalid-request", "$.dryRun")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":5,"window":"1s","ttl":"5ms"}""", "invalid-request", "$.ttl")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":5,"window":"1s","effectiveAt":"2026-01-31T11:00:00Z"}""", "invalid-request", "$.effectiveAt")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":5,"window":"1s","effectiveAt":"tomorrow"}""", "invalid-request", "$.effectiveAt")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":5,"window":"1s","schema":2}""", "unsupported-schema", "$.schema")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":5,"window":"1s","schema":0}""", "unsupported-schema", "$.schema")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":5,"window":"1s","expectedRevision":7}""", "stale-revision", "$.expectedRevision")]
    [InlineData("rules.put", """{"name":"x","key":["client-ip"],"limit":5,"window":"1s","by":"a\nb"}""", "invalid-request", "$.by")]
    [InlineData("rules.put", """{"name":"x y\n","key":["client-ip"],"limit":5,"window":"1s"}""", "invalid-rule", "$.name")]
    [InlineData("rules.put", """{"name":"x","name":"y","key":["client-ip"],"limit":5,"window":"1s"}""", "invalid-rule", "$.name")]
    [InlineData("rules.put", """{"name":"\ud800","key":["client-ip"],"limit":5,"window":"1s"}""", "invalid-rule", "$.name")]
    [InlineData("rules.put", """{"\ud800":1,"name":"x","key":["client-ip"],"limit":5,"window":"1s"}""", "invalid-rule", "$")]
    [InlineData("rules.get", """{"name":"aa"}""", "unknown-rule", "$.name")]
    [InlineData("rules.get", "", "invalid-request", "$")]
    [InlineData("rules.delete", """{"name":"b"}""", "unknown-rule", "$.name")]
    [InlineData("rules.delete", """{"name":"a","ttl":"10s"}""", "invalid-request", "$.ttl")]
    [InlineData("rules.mode", """{"mode":"off"}""", "invalid-request", "$.mode")]
    [InlineData("rules.mode", "{}", "invalid-request", "$")]
    [InlineData("rules.rollback", """{"revision":0}""", "unknown-revision", "$.revision")]
    [InlineData("rules.rollback", """{"revision":9}""", "unknown-revision", "$.revision")]
    [InlineData("rules.rollback", """{"to":1}""", "invalid-request", "$")]
    [InlineData("rules.cancel", """{"id":1}""", "unknown-id", "$.id")]
    [InlineData("rules.import", """{"rules":[{"name":"x","key":["nonsense"],"limit":5,"window":"1s"}]}""", "invalid-rule", "$.rules[0].key[0]")]
    [InlineData("rules.import", """{"rules":[],"overrides":[{"rule":"a","key":["1"],"limit":1}]}""", "invalid-rule", "$.overrides[0].rule")]
    [InlineData("rules.import", "{}", "invalid-rule", "$")]
    [InlineData("rules.list", """{"limit":0}""", "invalid-request", "$.limit")]
    [InlineData("rules.list", """{"after":"b"}""", "unknown-rule", "$.after")]
    [InlineData("overrides.put", """{"rule":"b","key":["1"],"limit":1}""", "unknown-rule", "$.rule")]
    [InlineData("overrides.put", """{"rule":"a","key":["1","2"],"limit":1}""", "invalid-override", "$.key")]
    [InlineData("overrides.put", """{"rule":"a","key":["1"],"limit":"many"}""", "invalid-override", "$.limit")]
    [InlineData("overrides.put", """{"rule":"a","key":["1"],"limit":1,"expiresAt":"2026-02-01T00:00:00Z","ttl":"1m"}""", "invalid-request", "$.ttl")]
    [InlineData("overrides.delete", """{"rule":"a","key":["1"]}""", "unknown-override", "$.key")]
    [InlineData("overrides.list", """{"rule":"b"}""", "unknown-rule", "$.rule")]
    [InlineData("rules.drop", "", "unknown-command", "$")]
    public async Task What_is_wrong_is_told_with_code_and_path_and_changes_nothing(string command, string body, string code, string path)
    {
        using Operator op = new(Call.Bucket("a", 5));
        (string Code, string Path, string Message) error = await op.FailAsync(command, body);
        Assert.Equal((code, path), (error.Code, error.Path));
        Assert.NotEmpty(error.Message);
        Assert.Single(op.Applied);
    }

    [Fact]
    public async Task All_that_is_wrong_is_told()
    {
        using Operator op = new();
        JsonElement reply = await op.SendAsync("rules.put", """{"name":"x","key":[],"limit":-5,"window":"1s","nonsense":1}""");
        Assert.Equal(3, reply.GetProperty("errors").GetArrayLength());
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_refused()
    {
        using Operator op = new();
        Assert.Equal("too-large", (await op.FailAsync("rules.put", new string(' ', RuleControl.MaxBodyLength + 1))).Code);
    }

    [Fact]
    public async Task A_document_that_would_be_too_long_is_refused()
    {
        using Operator op = new(Call.Bucket("a", 5));
        string key = new('x', 900);
        StringBuilder overrides = new();
        for (int i = 0; i < 500; i++)
        {
            overrides.Append($$"""{{(i > 0 ? "," : "")}}{"rule":"a","key":["{{i}}{{key}}"],"limit":1}""");
        }

        await op.DoAsync("rules.import", $$"""{"rules":[{"name":"a","key":["client-ip"],"limit":5,"window":"1s"}],"overrides":[{{overrides}}]}""");
        int added = 0;
        string code = "";
        while (added < 200 && code.Length == 0)
        {
            JsonElement reply = await op.SendAsync("overrides.put", $$"""{"rule":"a","key":["y{{added}}{{key}}"],"limit":1}""");
            added++;
            code = reply.GetProperty("ok").GetBoolean() ? "" : reply.GetProperty("error").GetProperty("code").GetString()!;
        }

        Assert.Equal("too-large", code);
        System.Buffers.ArrayBufferWriter<byte> written = new();
        op.Control.Document.Write(written);
        Assert.InRange(written.WrittenCount, RuleControl.MaxBodyLength / 2, RuleDocument.MaxLength);
    }

    [Fact]
    public async Task A_stale_change_fails_and_names_who_was_faster()
    {
        using Operator op = new();
        await op.DoAsync("rules.put", PerIp[..^1] + ",\"expectedRevision\":1,\"by\":\"ann\"}");
        (string Code, string _, string Message) error = await op.FailAsync("rules.put", PerIp[..^1] + ",\"expectedRevision\":1}");
        Assert.Equal("stale-revision", error.Code);
        Assert.Contains("revision 2 is in force, made by ann", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_tells_the_difference_and_changes_nothing()
    {
        using Operator op = new(Call.Bucket("a", 5));
        RuleDocument before = op.Store.Document;
        JsonElement reply = await op.DoAsync("rules.delete", """{"name":"a","dryRun":true}""");
        Assert.True(reply.GetProperty("dryRun").GetBoolean());
        Assert.False(reply.GetProperty("changed").GetBoolean());
        Assert.Equal("a", reply.GetProperty("changes")[0].GetProperty("name").GetString());
        Assert.Equal(1, reply.GetProperty("revision").GetInt64());
        Assert.Same(before, op.Store.Document);
        Assert.Equal("unknown-rule", (await op.FailAsync("rules.delete", """{"name":"b","dryRun":true}""")).Code);
    }

    [Fact]
    public async Task An_override_with_a_time_to_live_ends_by_itself()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("overrides.put", """{"rule":"a","key":["203.0.113.7"],"limit":0,"ttl":"10s"}""");
        RuleOverride value = Assert.Single(op.InForce.Overrides);
        Assert.Equal((0, op.Time.GetUtcNow().AddSeconds(10)), (value.Limit, value.ExpiresAt));
        await op.DoAsync("overrides.put", """{"rule":"a","key":["203.0.113.7"],"limit":"unlimited"}""");
        Assert.Null(Assert.Single(op.InForce.Overrides).Limit);
        await op.DoAsync("overrides.delete", """{"rule":"a","key":["203.0.113.7"]}""");
        Assert.Empty(op.InForce.Overrides);
    }

    [Fact]
    public async Task A_change_that_would_leave_an_override_wrong_is_refused()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("overrides.put", """{"rule":"a","key":["1"],"limit":3}""");
        (string Code, string Path, string Message) error =
            await op.FailAsync("rules.put", """{"name":"a","key":["client-ip","path"],"limit":5,"window":"1s"}""");
        Assert.Equal("conflict", error.Code);
        Assert.Contains("'a' would leave the override for the key 1 wrong", error.Message, StringComparison.Ordinal);
        JsonElement deleted = await op.DoAsync("rules.delete", """{"name":"a"}""");
        Assert.Equal(["rule", "override"], deleted.GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task A_scheduled_change_comes_when_it_is_time_as_a_revision_of_its_own()
    {
        using Operator op = new(Call.Bucket("a", 5));
        JsonElement reply = await op.DoAsync(
            "rules.put", """{"name":"a","key":["client-ip"],"limit":7,"window":"1s","effectiveAt":"2026-01-31T12:00:30Z","by":"ann"}""");
        JsonElement coming = reply.GetProperty("changes")[0];
        Assert.Equal(("scheduled", "1"), (coming.GetProperty("kind").GetString(), coming.GetProperty("name").GetString()));
        Assert.Equal((2, 5), (op.Control.Document.Revision, op.LimitOf("a")));
        Assert.Equal(1, (await op.DoAsync("rules.list")).GetProperty("scheduled").GetArrayLength());

        op.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(5, op.LimitOf("a"));
        op.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((3, 7), (op.Control.Document.Revision, op.LimitOf("a")));
        Assert.Equal(2, op.Store.Document.Revision);
        Assert.Equal("stale-revision", (await op.FailAsync("rules.delete", """{"name":"a","expectedRevision":2}""")).Code);

        // The next change takes it into what is stored.
        await op.DoAsync("rules.put", PerIp[..^1] + ",\"expectedRevision\":3}");
        Assert.Equal(4, op.Store.Document.Revision);
        JsonElement entry = (await op.DoAsync("audit")).GetProperty("entries")[1];
        Assert.Equal(("schedule", "ann", 3), (entry.GetProperty("via").GetString(), entry.GetProperty("by").GetString(), entry.GetProperty("revision").GetInt32()));
        Assert.Equal("2026-01-31T12:00:30Z", entry.GetProperty("at").GetString());
    }

    [Fact]
    public async Task A_scheduled_change_can_be_cancelled()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("rules.delete", """{"name":"a","effectiveAt":"2026-01-31T12:00:30Z"}""");
        await op.DoAsync("rules.cancel", """{"id":1}""");
        op.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(5, op.LimitOf("a"));
        await op.DoAsync("rules.mode", """{"mode":"shadow","effectiveAt":"2026-01-31T12:05:00Z"}""");
        Assert.Equal(2, (await op.DoAsync("rules.list")).GetProperty("scheduled")[0].GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task A_change_that_contradicts_a_scheduled_one_is_refused()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("overrides.put", """{"rule":"a","key":["1"],"limit":3,"effectiveAt":"2026-01-31T12:00:30Z"}""");
        (string Code, string _, string Message) error = await op.FailAsync("rules.delete", """{"name":"a"}""");
        Assert.Equal("conflict", error.Code);
        Assert.Contains("the change 1 (overrides.put), scheduled for 2026-01-31T12:00:30Z", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_for_a_time_gives_way_to_the_one_before()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("rules.put", """{"name":"a","key":["client-ip"],"limit":1,"window":"1s","ttl":"10s"}""");
        await op.DoAsync("rules.put", PerIp[..^1] + ",\"ttl\":\"20s\"}");
        Assert.Equal((1, 50), (op.LimitOf("a"), op.LimitOf("per-ip")));
        op.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((5, 50), (op.LimitOf("a"), op.LimitOf("per-ip")));
        op.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((5, null), (op.LimitOf("a"), op.LimitOf("per-ip")));
    }

    [Fact]
    public async Task What_somebody_else_changed_meanwhile_stays_when_a_time_is_over()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("rules.put", """{"name":"a","key":["client-ip"],"limit":1,"window":"1s","ttl":"10s"}""");
        JsonElement reply = await op.DoAsync("rules.put", """{"name":"a","key":["client-ip"],"limit":2,"window":"1s"}""");
        Assert.Equal(["rule", "scheduled"], reply.GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("kind").GetString()));
        op.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, op.LimitOf("a"));
        Assert.Equal(3, op.Control.Document.Revision);
    }

    [Fact]
    public async Task The_same_again_without_a_time_stays_for_good()
    {
        using Operator op = new(Call.Bucket("a", 5));
        const string Rule = """{"name":"a","key":["client-ip"],"limit":1,"window":"1s"}""";
        await op.DoAsync("rules.put", Rule[..^1] + ",\"ttl\":\"10s\"}");
        JsonElement reply = await op.DoAsync("rules.put", Rule);
        Assert.True(reply.GetProperty("changed").GetBoolean());
        await op.DoAsync("rules.mode", """{"mode":"shadow","ttl":"10s"}""");
        await op.DoAsync("rules.mode", """{"mode":"shadow"}""");
        op.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((1, RuleMode.Shadow), (op.LimitOf("a"), op.InForce.Mode));
    }

    [Fact]
    public async Task A_time_that_is_given_anew_ends_with_what_there_was_before_the_first()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("rules.put", """{"name":"a","key":["client-ip"],"limit":1,"window":"1s","ttl":"10s"}""");
        op.Time.Advance(TimeSpan.FromSeconds(5));
        await op.DoAsync("rules.put", """{"name":"a","key":["client-ip"],"limit":2,"window":"1s","ttl":"10s"}""");
        op.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(2, op.LimitOf("a"));
        op.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, op.LimitOf("a"));
    }

    [Fact]
    public async Task An_override_that_has_ended_is_not_listed()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("overrides.put", """{"rule":"a","key":["1"],"limit":0,"ttl":"10s"}""");
        op.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, (await op.DoAsync("overrides.list")).GetProperty("overrides").GetArrayLength());
        Assert.Equal("unknown-override", (await op.FailAsync("overrides.delete", """{"rule":"a","key":["1"]}""")).Code);
        await op.DoAsync("overrides.put", """{"rule":"a","key":["2"],"limit":0}""");
        Assert.Single(op.Store.Document.Rules.Overrides);
    }

    [Fact]
    public async Task An_override_for_a_time_gives_way_to_the_one_before()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("overrides.put", """{"rule":"a","key":["1"],"limit":0}""");
        await op.DoAsync("overrides.put", """{"rule":"a","key":["1"],"limit":4,"ttl":"10s"}""");
        Assert.Equal(4, Assert.Single(op.InForce.Overrides).Limit);
        op.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((0, null), (op.InForce.Overrides[0].Limit, op.InForce.Overrides[0].ExpiresAt));
        await op.DoAsync("overrides.put", """{"rule":"a","key":["1"],"limit":4,"ttl":"10s"}""");
        await op.DoAsync("rules.delete", """{"name":"a"}""");
        op.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(op.InForce);
    }

    [Fact]
    public async Task A_time_within_a_time_ends_with_what_there_was_before_both()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("rules.mode", """{"mode":"shadow","ttl":"10s"}""");
        await op.DoAsync("rules.mode", """{"mode":"enforce","ttl":"2s"}""");
        op.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(RuleMode.Enforce, op.InForce.Mode);
    }

    [Fact]
    public async Task What_comes_due_while_something_else_is_put_in_force_comes_too()
    {
        Operator? op = null;
        op = new Operator(Call.Bucket("a", 5))
        {
            // Putting rules in force takes time.
            WhenApplied = () => op?.Time.AdjustTime(op.Time.GetUtcNow().AddMilliseconds(50)),
        };
        using (op)
        {
            await op.DoAsync("rules.put", """{"name":"a","key":["client-ip"],"limit":6,"window":"1s","effectiveAt":"2026-01-31T12:00:30Z"}""");
            await op.DoAsync("rules.put", """{"name":"a","key":["client-ip"],"limit":7,"window":"1s","effectiveAt":"2026-01-31T12:00:30.02Z"}""");
            op.Time.Advance(TimeSpan.FromSeconds(30));
            op.Time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(7, op.LimitOf("a"));
        }
    }

    [Fact]
    public async Task Text_of_any_kind_counts_as_long_as_it_is_written()
    {
        using Operator op = new(Call.Bucket("a", 5));
        string key = new('+', 4000);
        StringBuilder overrides = new();
        for (int i = 0; i < 60; i++)
        {
            overrides.Append($$"""{{(i > 0 ? "," : "")}}{"rule":"a","key":["{{i}}{{key}}'<&\u0416"],"limit":1}""");
        }

        JsonElement reply = await op.DoAsync(
            "rules.import", $$"""{"rules":[{"name":"a","key":["client-ip"],"limit":5,"window":"1s"}],"overrides":[{{overrides}}]}""");
        Assert.True(reply.GetProperty("isCut").GetBoolean());
        System.Buffers.ArrayBufferWriter<byte> written = new();
        op.Store.Document.Write(written);
        Assert.InRange(written.WrittenCount, 1, RuleDocument.MaxLength);
        Assert.Equal(60, RuleDocument.Read(written.WrittenMemory).Rules.Overrides.Count);
    }

    [Theory]
    [InlineData("{\"name\":\"a\",\"by\":\"\u00ff\"}")]
    [InlineData("{\"\u00ff\":1}")]
    public async Task What_is_not_in_utf8_is_refused(string body)
    {
        using Operator op = new(Call.Bucket("a", 5));
        CommandReply reply = await op.Control.RunAsync(
            "rules.delete", Encoding.Latin1.GetBytes(body), new CommandOrigin("test"), TestContext.Current.CancellationToken);
        Assert.Equal("invalid-json", reply.Code);
    }

    [Theory]
    [InlineData("\"ttl\":\"9000000d\"")]
    [InlineData("\"id\":-1")]
    [InlineData("\"effectiveAt\":\"9999-12-31T00:00:00Z\"")]
    public async Task A_document_with_what_cannot_come_is_refused(string member)
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("rules.mode", """{"mode":"shadow","ttl":"10s","effectiveAt":"2026-01-31T12:00:30Z"}""");
        System.Buffers.ArrayBufferWriter<byte> written = new();
        op.Store.Document.Write(written);
        string name = member[..(member.IndexOf(':', StringComparison.Ordinal) + 1)];
        string text = Encoding.UTF8.GetString(written.WrittenSpan);
        int at = text.IndexOf(name, text.IndexOf("\"scheduled\"", StringComparison.Ordinal), StringComparison.Ordinal);
        string changed = text[..at] + member + text[text.IndexOf(',', at)..];
        Assert.NotEqual(text, changed);
        Assert.Throws<InvalidDataException>(() => RuleDocument.Read(Encoding.UTF8.GetBytes(changed)));
    }

    [Fact]
    public async Task Another_document_of_the_same_revision_is_put_in_force()
    {
        MemoryRuleStore store = new(RuleDocument.Begin(new RuleSet([Call.Bucket("a", 5)]), DateTimeOffset.UnixEpoch));
        using Operator op = new(RuleSet.Empty, store);
        System.Buffers.ArrayBufferWriter<byte> written = new();
        store.Document.Write(written);
        RuleDocument other = RuleDocument.Read(Encoding.UTF8.GetBytes(
            Encoding.UTF8.GetString(written.WrittenSpan).Replace("\"limit\":5", "\"limit\":9", StringComparison.Ordinal)));
        await store.TryReplaceAsync(store.Document, other, TestContext.Current.CancellationToken);
        Assert.Equal(9, op.LimitOf("a"));
    }

    [Fact]
    public async Task A_time_may_begin_later()
    {
        using Operator op = new(Call.Bucket("a", 5));
        await op.DoAsync("rules.mode", """{"mode":"shadow","ttl":"10s","effectiveAt":"2026-01-31T12:00:30Z"}""");
        Assert.Equal(RuleMode.Enforce, op.InForce.Mode);
        op.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(RuleMode.Shadow, op.InForce.Mode);
        op.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(RuleMode.Enforce, op.InForce.Mode);
        Assert.Equal(4, op.Control.Document.Revision);
    }

    [Fact]
    public async Task Any_revision_can_be_brought_back()
    {
        using Operator op = new(Call.Bucket("a", 5), Call.Bucket("b", 6), Call.Bucket("c", 7));
        string[] states = new string[9];
        async Task Do(string command, string body)
        {
            await op.DoAsync(command, body);
            states[op.Control.Document.Revision] = await StateAsync(op);
        }

        states[1] = await StateAsync(op);
        await Do("rules.delete", """{"name":"b"}""");
        await Do("rules.put", """{"name":"a","key":["client-ip"],"limit":1,"window":"1s"}""");
        await Do("overrides.put", """{"rule":"a","key":["1"],"limit":3}""");
        await Do("rules.mode", """{"mode":"shadow"}""");
        await Do("rules.import", """{"rules":[{"name":"c","key":["client-ip"],"limit":1,"window":"1s"},{"name":"n","key":["client-ip"],"limit":1,"window":"1s"},{"name":"a","key":["client-ip"],"limit":1,"window":"1s"}]}""");
        await Do("rules.delete", """{"name":"a"}""");
        await Do("overrides.put", """{"rule":"c","key":["1"],"limit":0}""");
        for (int revision = 1; revision <= 8; revision++)
        {
            JsonElement reply = await op.DoAsync("rules.rollback", $$"""{"revision":{{revision}},"by":"ann"}""");
            Assert.Equal(states[revision], await StateAsync(op));
            Assert.Equal(reply.GetProperty("revision").GetInt64(), op.Control.Document.Revision);
        }

        JsonElement entry = (await op.DoAsync("audit", """{"limit":1}""")).GetProperty("entries")[0];
        Assert.Equal("back to revision 8", entry.GetProperty("note").GetString());
    }

    [Fact]
    public async Task The_history_is_bounded_and_told_page_by_page()
    {
        using Operator op = new(Call.Bucket("a", 5));
        for (int i = 0; i < 250; i++)
        {
            await op.DoAsync("rules.put", $$"""{"name":"a","key":["client-ip"],"limit":{{i + 10}},"window":"1s"}""");
        }

        JsonElement page = await op.DoAsync("audit", """{"limit":2}""");
        Assert.Equal([251, 250], page.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("revision").GetInt32()));
        page = await op.DoAsync("audit", $$"""{"limit":1000,"before":{{page.GetProperty("next").GetInt64()}}}""");
        int oldest = page.GetProperty("entries").EnumerateArray().Last().GetProperty("revision").GetInt32();
        Assert.Equal(198, page.GetProperty("entries").GetArrayLength());
        Assert.False(page.TryGetProperty("next", out _));
        await op.DoAsync("rules.rollback", $$"""{"revision":{{oldest - 1}},"dryRun":true}""");
        (string Code, string _, string Message) error = await op.FailAsync("rules.rollback", $$"""{"revision":{{oldest - 2}}}""");
        Assert.Equal("unknown-revision", error.Code);
        Assert.Contains($"from {oldest - 1} to 251", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        using Operator op = new([.. Enumerable.Range(0, 5).Select(i => Call.Bucket($"r{i}", 5))]);
        JsonElement page = await op.DoAsync("rules.list", """{"limit":2}""");
        Assert.Equal("r1", page.GetProperty("next").GetString());
        page = await op.DoAsync("rules.list", """{"limit":3,"after":"r1"}""");
        Assert.Equal(["r2", "r3", "r4"], page.GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.False(page.TryGetProperty("next", out _));
        for (int i = 0; i < 3; i++)
        {
            await op.DoAsync("overrides.put", $$"""{"rule":"r0","key":["{{i}}"],"limit":1}""");
        }

        page = await op.DoAsync("overrides.list", """{"rule":"r0","limit":2}""");
        page = await op.DoAsync("overrides.list", $$"""{"limit":2,"after":"{{page.GetProperty("next").GetString()}}"}""");
        Assert.Equal("2", Assert.Single(page.GetProperty("overrides").EnumerateArray()).GetProperty("key")[0].GetString());
        Assert.Equal("unknown-override", (await op.FailAsync("overrides.list", """{"rule":"r0","key":["9"]}""")).Code);
    }

    [Fact]
    public async Task Concurrent_changes_all_get_in()
    {
        using Operator op = new();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            op.DoAsync("rules.put", $$"""{"name":"r{{i}}","key":["client-ip"],"limit":5,"window":"1s"}"""))));
        Assert.Equal(8, op.InForce.Count);
        Assert.Equal(9, op.Control.Document.Revision);
    }

    [Fact]
    public async Task A_configuration_that_was_edited_replaces_the_rules_once()
    {
        RuleSet first = new([Call.Bucket("a", 5)]);
        using Operator op = new(first);
        Assert.False(await op.Control.ImportAsync(first, TestContext.Current.CancellationToken));
        await op.DoAsync("rules.put", PerIp);
        Assert.False(op.Store.Document.IsFromConfiguration);

        // What was changed by command stays until the configuration is edited.
        Assert.False(await op.Control.ImportAsync(first, TestContext.Current.CancellationToken));
        Assert.True(await op.Control.ImportAsync(new RuleSet([Call.Bucket("a", 6)]), TestContext.Current.CancellationToken));
        Assert.Equal(["a"], op.InForce.Select(r => r.Name));
        Assert.Equal(6, op.LimitOf("a"));
        Assert.Equal(3, op.Control.Document.Revision);
        Assert.Equal("configuration", (await op.DoAsync("audit")).GetProperty("entries")[0].GetProperty("via").GetString());
    }

    [Fact]
    public async Task A_document_is_the_same_when_it_is_read_again()
    {
        using Operator op = new(Call.Bucket("a", 5), Call.Bucket("b", 5));
        await op.DoAsync("rules.delete", """{"name":"a","by":"ann"}""");
        await op.DoAsync("rules.put", PerIp[..^1] + ",\"ttl\":\"20s\"}");
        await op.DoAsync("overrides.put", """{"rule":"per-ip","key":["1"],"limit":0,"ttl":"5s","effectiveAt":"2026-01-31T12:00:10Z"}""");
        System.Buffers.ArrayBufferWriter<byte> written = new();
        op.Store.Document.Write(written);
        RuleDocument read = RuleDocument.Read(written.WrittenMemory);
        System.Buffers.ArrayBufferWriter<byte> again = new();
        read.Write(again);
        Assert.Equal(Encoding.UTF8.GetString(written.WrittenSpan), Encoding.UTF8.GetString(again.WrittenSpan));
        Assert.Equal(op.Store.Document.At(op.Time.GetUtcNow().AddHours(1)).Revision, read.At(op.Time.GetUtcNow().AddHours(1)).Revision);
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("[]", "must be an object")]
    [InlineData("{\"schema\":0}", "schema 0, and this version knows 1 only")]
    [InlineData("{}", "'schema' is missing")]
    [InlineData("{\"schema\":1,\"id\":\"x\",\"revision\":1,\"seed\":\"\",\"rules\":[{\"name\":1}],\"scheduled\":[],\"history\":[]}", "$.rules[0].name")]
    [InlineData("{\"schema\":1,\"id\":\"x\",\"revision\":1,\"seed\":\"\",\"rules\":[],\"scheduled\":[{}],\"history\":[]}", "$.scheduled[0]")]
    [InlineData("{\"schema\":1,\"id\":\"x\",\"revision\":0,\"seed\":\"\",\"rules\":[],\"scheduled\":[],\"history\":[]}", "$.revision")]
    [InlineData("{\"schema\":1,\"id\":\"x\",\"revision\":3,\"seed\":\"\",\"rules\":[],\"scheduled\":[],\"history\":[{\"revision\":2,\"at\":\"2026-01-31T12:00:00Z\",\"via\":\"x\",\"command\":\"y\",\"changes\":[]}]}", "without gaps")]
    public void What_is_no_document_is_refused(string json, string problem)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => RuleDocument.Read(Encoding.UTF8.GetBytes(json)));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_of_a_later_version_is_told_from_one_that_is_none() => Assert.Contains(
        "schema 2", Assert.Throws<NotSupportedException>(() => RuleDocument.Read("{\"schema\":2}"u8.ToArray())).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Rules_that_this_process_does_not_know_leave_those_before_in_force()
    {
        MemoryRuleStore store = new(RuleDocument.Begin(new RuleSet([Call.Bucket("a", 5)]), DateTimeOffset.UnixEpoch));
        using Operator op = new(RuleSet.Empty, store);
        RuleDocument strange = RuleDocument.Begin(new RuleSet([Call.Bucket("a", 9) with { Key = ["nonsense"] }]), DateTimeOffset.UnixEpoch);
        await store.TryReplaceAsync(store.Document, strange, TestContext.Current.CancellationToken);
        Assert.Equal(5, op.LimitOf("a"));
        Assert.Contains("nonsense", op.Control.Problem, StringComparison.Ordinal);
        Assert.Contains(op.Told, told => told.Problem is not null);
        await op.DoAsync("rules.put", """{"name":"a","key":["client-ip"],"limit":8,"window":"1s"}""");
        Assert.Equal(8, op.LimitOf("a"));
        Assert.Null(op.Control.Problem);
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_told_as_that()
    {
        using Operator op = new(RuleSet.Empty, new BrokenRuleStore());
        Assert.Equal("unavailable", (await op.FailAsync("rules.put", PerIp)).Code);
        await op.DoAsync("rules.list");
    }

    private static async Task<string> StateAsync(Operator op)
    {
        JsonElement list = await op.DoAsync("rules.list");
        return $"{list.GetProperty("mode")} {list.GetProperty("rules")} {list.GetProperty("overrides")}";
    }
}

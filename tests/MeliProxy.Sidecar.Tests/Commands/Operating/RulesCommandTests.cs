using System.Text.Json.Nodes;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.Tests.Commands.Operating;

public sealed class RulesCommandTests
{
    private const string Changed = """{"revision":8,"changed":true,"dryRun":false,"changes":[{"kind":"mode","before":"enforce","after":"shadow"}]}""";
    private const string ChangedText = "mode  enforce -> shadow\nRevision 8\n";

    private const string PerIp = """{"name":"per-ip","key":["client-ip"],"algorithm":"token-bucket","limit":100,"window":"1s","match":{"methods":["GET"]} }""";

    private const string Document = $$$"""
        {"revision":7,"mode":"enforce","source":{"store":"nats","isCutOff":false},
         "rules":[{{{PerIp}}},{"name":"day","key":["header:X"],"algorithm":"fixed-window","limit":5,"calendar":"day","timeZone":"America/Lima","scope":"shared","mode":"shadow","enforcePercent":25,"deny":["path=/x"]}],
         "overrides":[{"rule":"per-ip","key":["203.0.113.7"],"limit":0,"expiresAt":"2026-01-31T12:00:00Z"},{"rule":"per-ip","key":["é"],"limit":9,"burst":20}],
         "scheduled":[{"id":9,"effectiveAt":"2026-12-01T06:00:00Z","command":"rules.mode","by":"ana@pc","change":{"mode":"shadow"}}]}
        """;

    [Theory]
    [InlineData("DELETE /api/v1/rules/per-ip", "{}", "rules", "delete", "per-ip")]
    [InlineData("PUT /api/v1/mode", """{"mode":"shadow"}""", "rules", "mode", "shadow")]
    [InlineData("PUT /api/v1/mode", """{"mode":"enforce","ttl":"10m"}""", "rules", "mode", "enforce", "--ttl", "10m")]
    [InlineData("POST /api/v1/rollback", """{"revision":3,"expectedRevision":7}""", "rules", "rollback", "3", "--expected-revision", "7")]
    [InlineData("DELETE /api/v1/scheduled/9", """{"dryRun":true}""", "rules", "cancel", "9", "--dry-run")]
    [InlineData(
        "DELETE /api/v1/rules/a", """{"effectiveAt":"2026-12-01T06:00:00Z"}""", "rules", "delete", "a", "--effective-at", "2026-12-01T06:00:00Z")]
    [InlineData("PUT /api/v1/rules/a/overrides/x/%2Fh", """{"limit":5,"burst":9}""", "overrides", "put", "a", "x", "/h", "--limit", "5", "--burst", "9")]
    [InlineData("PUT /api/v1/rules/a/overrides/%40x/", """{"limit":0,"ttl":"1h"}""", "overrides", "put", "a", "@x", "", "--block", "--ttl", "1h")]
    [InlineData("PUT /api/v1/rules/a/overrides/-x", """{"limit":"unlimited"}""", "overrides", "put", "a", "--unlimited", "--", "-x")]
    [InlineData("DELETE /api/v1/rules/a/overrides/x/y", "{}", "overrides", "delete", "a", "x", "y")]
    public async Task Each_change_sends_what_was_typed_and_who_asks(string request, string body, params string[] args)
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer(request, Changed);

        CommandRun run = await RunAsync(admin, args);

        Assert.Equal((0, ChangedText, ""), (run.ExitCode, run.Output, run.Errors));
        Assert.Equal([request], admin.Requests);
        JsonObject expected = (JsonObject)JsonNode.Parse(body)!;
        expected["by"] = $"{Environment.UserName}@{Environment.MachineName}";
        Assert.True(JsonNode.DeepEquals(expected, admin.LastBody), admin.LastBody?.ToJsonString());
    }

    [Theory]
    [InlineData("GET /api/v1/rules", "rules", "list")]
    [InlineData("GET /api/v1/rules?limit=2&after=b", "rules", "list", "--limit", "2", "--after", "b")]
    [InlineData("GET /api/v1/rules/a", "rules", "get", "a")]
    [InlineData("GET /api/v1/overrides", "overrides", "list")]
    [InlineData("GET /api/v1/rules/a/overrides", "overrides", "list", "a")]
    [InlineData("GET /api/v1/rules/a/overrides?limit=2&after=x%20y", "overrides", "list", "a", "--limit", "2", "--after", "x y")]
    [InlineData("GET /api/v1/audit?limit=20", "audit")]
    [InlineData("GET /api/v1/audit?limit=3&before=7", "audit", "--limit", "3", "--before", "7")]
    [InlineData("GET /api/v1/usage", "usage")]
    [InlineData("GET /api/v1/usage?rule=a&scope=node", "usage", "a", "--node-only")]
    [InlineData("GET /api/v1/top?n=10", "top")]
    [InlineData("GET /api/v1/top?rule=a&scope=node&n=3", "top", "a", "-n", "3", "--node-only", "--once")]
    [InlineData("GET /api/v1/nodes", "nodes")]
    [InlineData("PUT /api/v1/mode", "rules", "mode", "shadow")]
    public async Task For_programs_the_answer_is_printed_as_it_came(string request, params string[] args)
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer(request, """{"a":  "\u00e9\u001b" }""");

        CommandRun run = await RunAsync(admin, [.. args, "--json"]);

        Assert.Equal((0, "{\"a\":  \"\\u00e9\\u001b\" }\n", ""), (run.ExitCode, run.Output, run.Errors));
        Assert.Equal([request], admin.Requests);
    }

    [Fact]
    public async Task The_list_has_rules_overrides_and_what_is_scheduled()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules", Document);

        CommandRun run = await RunAsync(admin, "rules", "list");

        Assert.Equal(
            """
            Revision 7, mode enforce, kept in nats

            RULE    KEY        LIMIT                     ALGORITHM     MODE         SCOPE   MATCH        ALSO
            per-ip  client-ip  100 per 1s                token-bucket  -            -       methods GET
            day     header:X   5 per day (America/Lima)  fixed-window  shadow 25 %  shared               deny path=/x

            Overrides:
            RULE    KEY          LIMIT    BURST  UNTIL
            per-ip  203.0.113.7  blocked         2026-01-31T12:00:00Z
            per-ip  é            limit 9     20

            Scheduled:
            9  2026-12-01T06:00:00Z  ana@pc  rules.mode
               mode shadow

            """,
            run.Output);
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_is_told_of()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules", """{"revision":7,"mode":"shadow","source":{"store":"nats","isCutOff":true},"rules":[],"overrides":[],"scheduled":[]}""");

        CommandRun run = await RunAsync(admin, "rules", "list");

        Assert.Equal("Revision 7, mode shadow, kept in nats, cut off from it: nothing can be changed now\n\nThere are no rules\n", run.Output);
    }

    [Fact]
    public async Task A_part_of_a_list_says_how_to_get_the_next()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules?limit=1", $$"""{"revision":7,"rules":[{{PerIp}}],"next":"per-ip"}""");
        admin.Answer("GET /api/v1/overrides?limit=1", """{"revision":7,"overrides":[{"rule":"a","key":["x"],"limit":5}],"next":"a x"}""");

        string rules = (await RunAsync(admin, "rules", "list", "--limit", "1")).Output;

        Assert.StartsWith("Revision 7\n\n", rules, StringComparison.Ordinal);
        Assert.EndsWith("\n\nThere is more: --after per-ip\n", rules, StringComparison.Ordinal);
        Assert.EndsWith("\n\nThere is more: --after \"a x\"\n", (await RunAsync(admin, "overrides", "list", "--limit", "1")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("put", "PUT /api/v1/rules/a", "{\n \"name\": \"a\",\n \"limit\": -1 }", "$.limit", "a.json:3: ")]
    [InlineData("put", "PUT /api/v1/rules/a", "{\n \"name\": \"a\",\n \"limit\": -1 }", "$.window", "")]
    [InlineData("import", "PUT /api/v1/rules", "{\n \"rules\": [\n {},\n { \"limit\": -1 } ] }", "$.rules[1].limit", "a.json:4: ")]
    [InlineData("import", "PUT /api/v1/rules", "{\n \"rules\": [\n {},\n { \"limit\": -1 } ] }", "$.rules[1].window", "a.json:4: ")]
    public async Task What_is_wrong_with_a_file_is_told_with_its_line(string command, string request, string text, string path, string line)
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer(request, $$"""{"code":"invalid-rule","path":"{{path}}","detail":"is wrong"}""", 400);
        using TemporaryFolder folder = new();

        CommandRun run = await RunAsync(admin, "rules", command, folder.Write("a.json", text));

        Assert.Equal((1, "", $"meliproxy: {line}invalid-rule at {path}: is wrong\n"), (run.ExitCode, run.Output, run.Errors));
    }

    [Fact]
    public async Task What_is_scheduled_is_listed_alone()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules", Document);
        admin.Answer("GET /api/v1/rules", """{"scheduled":[]}""");

        Assert.Equal("9  2026-12-01T06:00:00Z  ana@pc  rules.mode\n   mode shadow\n", (await RunAsync(admin, "rules", "scheduled")).Output);
        Assert.Equal("Nothing is scheduled\n", (await RunAsync(admin, "rules", "scheduled")).Output);
    }

    [Fact]
    public async Task What_get_prints_can_be_put()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules/per-ip", $$"""{"revision":7,"rule":{{PerIp}} }""");
        admin.Answer("PUT /api/v1/rules/per-ip", Changed);
        using TemporaryFolder folder = new();

        CommandRun got = await RunAsync(admin, "rules", "get", "per-ip");
        CommandRun put = await RunAsync(admin, "rules", "put", folder.Write("rule.json", "// from get\n" + got.Output));

        Assert.Equal((0, ChangedText, ""), (put.ExitCode, put.Output, put.Errors));
        admin.LastBody!.Remove("by");
        JsonObject expected = (JsonObject)JsonNode.Parse(PerIp)!;
        expected.Remove("name");
        Assert.True(JsonNode.DeepEquals(expected, admin.LastBody), admin.LastBody.ToJsonString());
    }

    [Fact]
    public async Task What_export_prints_can_be_imported()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules", Document);
        admin.Answer("PUT /api/v1/rules", Changed);
        using TemporaryFolder folder = new();

        CommandRun export = await RunAsync(admin, "rules", "export");
        CommandRun import = await RunAsync(admin, "rules", "import", folder.Write("rules.json", export.Output));

        Assert.Equal((0, ChangedText, ""), (import.ExitCode, import.Output, import.Errors));
        Assert.Contains("\"é\"", export.Output, StringComparison.Ordinal);
        admin.LastBody!.Remove("by");
        JsonObject expected = (JsonObject)JsonNode.Parse(Document)!;
        foreach (string name in new[] { "revision", "source", "scheduled" })
        {
            expected.Remove(name);
        }

        Assert.True(JsonNode.DeepEquals(expected, admin.LastBody), admin.LastBody.ToJsonString());
    }

    [Fact]
    public async Task Of_a_configuration_only_the_rules_are_imported()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("PUT /api/v1/rules", Changed);
        using TemporaryFolder folder = new();
        string file = folder.Write("meliproxy.json", """{ "upstream": "http://x", "rules": [], /* none */ "mode": "shadow", "admin": { "token": "secret" }, }""");

        CommandRun run = await RunAsync(admin, "rules", "import", file);

        Assert.Equal(0, run.ExitCode);
        admin.LastBody!.Remove("by");
        Assert.Equal("""{"rules":[],"mode":"shadow"}""", admin.LastBody.ToJsonString());
    }

    [Theory]
    [InlineData("{}", "$.rules is missing; to remove all rules, write \"rules\": []")]
    [InlineData("""{ "rules": null }""", "$.rules is missing; to remove all rules, write \"rules\": []")]
    [InlineData("[]", "a.json:1: $: must be an object")]
    [InlineData("{\n\"rules\": [],\n\"rules\": [] }", "a.json:3: $.rules: is given twice")]
    [InlineData("{ \"rules\" [] }", "a.json:1:11: $: is no JSON: '[' cannot stand here; before it a comma, colon, bracket or quotation mark may be missing")]
    public async Task A_file_that_cannot_be_meant_is_refused_before_anybody_is_asked(string text, string error)
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        using TemporaryFolder folder = new();

        CommandRun run = await RunAsync(admin, "rules", "import", folder.Write("a.json", text));

        Assert.Equal((1, "", $"meliproxy: {error}\n"), (run.ExitCode, run.Output, run.Errors));
        Assert.Empty(admin.Requests);
    }

    [Fact]
    public async Task Settings_change_the_rule_that_is_there_and_only_if_it_still_is()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules/per-ip", $$"""{"revision":7,"rule":{{PerIp}} }""");
        admin.Answer("PUT /api/v1/rules/per-ip", """{"code":"stale-revision","detail":"it is 8"}""", 412);

        CommandRun run = await RunAsync(
            admin, "rules", "put", "per-ip", "--limit", "50", "--burst", "60", "--mode", "shadow", "--scope", "shared",
            "--key", "client-ip", "path:2", "--path", "/items/{id}", "--ttl", "1h");

        Assert.Equal((3, "", "meliproxy: stale-revision: it is 8\n"), (run.ExitCode, run.Output, run.Errors));
        admin.LastBody!.Remove("by");
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse("""
                    { "key": ["client-ip", "path:2"], "algorithm": "token-bucket", "limit": 50, "window": "1s", "burst": 60, "mode": "shadow",
                      "scope": "shared", "match": { "methods": ["GET"], "path": "/items/{id}" }, "expectedRevision": 7, "ttl": "1h" }
                    """),
                admin.LastBody),
            admin.LastBody.ToJsonString());
    }

    [Fact]
    public async Task The_expected_revision_that_was_typed_goes_before_the_one_that_was_read()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules/per-ip", $$"""{"revision":7,"rule":{{PerIp}} }""");
        admin.Answer("PUT /api/v1/rules/per-ip", Changed);

        await RunAsync(admin, "rules", "put", "per-ip", "--limit", "50", "--expected-revision", "5");

        Assert.Equal(5, admin.LastBody!["expectedRevision"]!.GetValue<int>());
    }

    [Fact]
    public async Task Settings_add_a_rule_that_is_new()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules/new", """{"code":"unknown-rule","detail":"no"}""", 404);
        admin.Answer("GET /api/v1/rules", Document);
        admin.Answer("PUT /api/v1/rules/new", Changed);

        CommandRun run = await RunAsync(admin, "rules", "put", "new", "--limit", "5", "--window", "1s", "--key", "client-ip");

        Assert.Equal((0, ChangedText, ""), (run.ExitCode, run.Output, run.Errors));
        admin.LastBody!.Remove("by");
        Assert.Equal("""{"key":["client-ip"],"limit":5,"window":"1s","expectedRevision":7}""", admin.LastBody.ToJsonString());
    }

    [Fact]
    public async Task A_rule_that_somebody_adds_in_the_meantime_is_changed_and_not_replaced()
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules/day", """{"code":"unknown-rule","detail":"no"}""", 404);
        admin.Answer("GET /api/v1/rules", Document);
        admin.Answer("PUT /api/v1/rules/day", Changed);

        CommandRun run = await RunAsync(admin, "rules", "put", "day", "--limit", "50");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("day", admin.LastBody!["calendar"]!.GetValue<string>());
        Assert.Equal(50, admin.LastBody["limit"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("there is no rule new; to add it, say --key and --window too", "--limit", "5")]
    [InlineData("there is no rule new; to add it, say --limit too", "--key", "client-ip", "--algorithm", "concurrency")]
    public async Task A_new_rule_needs_what_no_rule_can_be_without(string error, params string[] settings)
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();
        admin.Answer("GET /api/v1/rules/new", """{"code":"unknown-rule","detail":"no"}""", 404);
        admin.Answer("GET /api/v1/rules", Document);

        CommandRun run = await RunAsync(admin, ["rules", "put", "new", .. settings]);

        Assert.Equal((1, "", $"meliproxy: {error}\n"), (run.ExitCode, run.Output, run.Errors));
    }

    [Theory]
    [InlineData("there is no file per-ip; to change the rule of that name, say what, such as --limit 100", "rules", "put", "per-ip")]
    [InlineData("say one of --limit N, --unlimited and --block", "overrides", "put", "a", "x")]
    [InlineData("say one of --limit N, --unlimited and --block", "overrides", "put", "a", "x", "--limit", "5", "--block")]
    [InlineData("say one of --limit N, --unlimited and --block", "overrides", "put", "a", "x", "--unlimited", "--block")]
    public async Task What_was_not_said_is_asked_for(string error, params string[] args)
    {
        await using StandInAdmin admin = await StandInAdmin.StartAsync();

        CommandRun run = await RunAsync(admin, args);

        Assert.Equal((1, "", $"meliproxy: {error}\n"), (run.ExitCode, run.Output, run.Errors));
        Assert.Empty(admin.Requests);
    }

    private static Task<CommandRun> RunAsync(StandInAdmin admin, params string[] args)
    {
        // What follows -- are words, whatever they look like.
        int end = Array.IndexOf(args, "--");
        string[] options = ["--admin", admin.Address];
        return CommandRun.OfAsync(end < 0 ? [.. args, .. options] : [.. args[..end], .. options, .. args[end..]]);
    }
}

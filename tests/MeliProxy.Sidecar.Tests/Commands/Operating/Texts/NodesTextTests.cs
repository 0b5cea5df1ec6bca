using System.Text.Json;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Control;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Tests.Commands.Operating.Texts;

public sealed class NodesTextTests
{
    [Fact]
    public void Sidecars_and_what_shared_rules_promise_are_two_tables()
    {
        const string b = """
            { "node": "b:8080", "version": "1.2.0", "rulesRevision": 7, "rulesCutOff": true, "shares": true, "id": "00000000000000ab", "connected": true, "members": 2, "leasedKeys": 1,
              "heldPermits": 40, "refusedMessages": 0, "lagMs": 0.44,
              "shards": [
                { "shard": 3, "epoch": 17, "owned": true, "cutOff": false, "keys": 2, "outstandingPermits": 40 },
                { "shard": 4, "epoch": 9, "owned": true, "cutOff": false, "keys": 1, "outstandingPermits": 2 },
                { "shard": 5, "epoch": 8, "owned": false, "cutOff": false } ],
              "rules": [ { "rule": "app-day", "bound": 1000, "cutOff": false }, { "rule": "open", "bound": 5, "cutOff": false } ] }
            """;
        const string a = """
            { "node": "a-long-name:8080", "version": "1.2.0", "shares": true, "id": "00000000000000cd", "connected": false, "members": 12, "leasedKeys": 300,
              "heldPermits": 0, "refusedMessages": 7, "shards": [],
              "rules": [ { "rule": "app-day", "bound": 1500, "cutOff": true }, { "rule": "open", "bound": null, "cutOff": true } ] }
            """;

        Assert.Equal(
            """
            Domain shop: 2 sidecars answered

            NODE              VERSION  RULES  CONNECTED  MEMBERS  KEYS  HELD  SHARDS  OUT      LAG  CUT OFF
            a-long-name:8080  1.2.0        -  no              12   300     0       0    0        -  app-day, open
            b:8080            1.2.0       7?  yes              2     1    40       2   42  0.44 ms  no

            RULE     BOUND  CUT OFF
            app-day   1500   1 of 2
            open      none   1 of 2

            """,
            TextOf($$"""{ "domain": "shop", "nodes": [{{b}}, {{a}}] }"""));
    }

    [Fact]
    public void A_sidecar_that_is_cut_off_says_that_it_could_not_ask_others() => Assert.StartsWith(
        "Domain shop: 1 sidecar answered\n\nIt is cut off from NATS, so it could not ask others\n\nNODE",
        TextOf("""{ "domain": "shop", "nodes": [{ "node": "a:8080", "connected": false }] }"""),
        StringComparison.Ordinal);

    [Fact]
    public void A_sidecar_that_shares_nothing_is_told_of_as_such() =>
        Assert.Equal(
            """
            This sidecar shares no quotas; it would with sharing.nats set

            NODE    VERSION  RULES
            a:8080  1.2.0        3

            """,
            TextOf("""{ "domain": null, "nodes": [{ "node": "a:8080", "version": "1.2.0", "rulesRevision": 3, "shares": false }] }"""));

    [Fact]
    public void A_sink_with_a_problem_is_a_line_below_the_table() =>
        Assert.EndsWith(
            "\na:8080  1.2.0\n\na:8080 sqlite: disk full\n",
            TextOf("""
                { "domain": null, "nodes": [{ "node": "a:8080", "version": "1.2.0", "sinks": [
                  { "name": "sqlite", "problem": "disk full" }, { "name": "influxdb", "problem": null }, 5] }] }
                """),
            StringComparison.Ordinal);

    [Fact]
    public void What_a_sidecar_writes_of_itself_is_understood()
    {
        SharingStatus status = new()
        {
            Node = 0xab,
            IsConnected = true,
            Members = 3,
            LeasedKeys = 4,
            HeldPermits = 5,
            Lag = TimeSpan.FromMilliseconds(1.5),
            RefusedMessages = 6,
            Shards = [new ShardStatus(7, 8, IsOwned: true, IsCutOff: false, Keys: 9, OutstandingPermits: 10)],
            Rules = [new SharedRuleStatus("day", 11, IsCutOff: false), new SharedRuleStatus("open", null, IsCutOff: true)],
        };
        RulesStatus rules = new(12, IsCutOff: false, null);
        ProcessStatus process = new(DateTimeOffset.UnixEpoch, 13, 14, [new SinkStatus("sqlite", 15, 16, "disk full")]);
        string node = System.Text.Encoding.UTF8.GetString(NodeDescription.Write("a:8080", "1.2.0", rules, process, status, droppedMessages: 3).Span);
        Assert.Contains("\"droppedMessages\":3", node, StringComparison.Ordinal);

        string[] lines = TextOf($$"""{ "domain": "shop", "nodes": [{{node}}] }""").Split('\n');

        Assert.Equal("Domain shop: 1 sidecar answered", lines[0]);
        Assert.Equal(["a:8080", "1.2.0", "12", "yes", "3", "4", "5", "1", "10", "1.5", "ms", "open"], Words(lines[3]));
        Assert.Equal(["day", "11", "0", "of", "1"], Words(lines[6]));
        Assert.Equal(["open", "none", "1", "of", "1"], Words(lines[7]));
    }

    [Theory]
    [InlineData("""{ "node": "a\u001b[2J\nb" }""", "a\uFFFD[2J\uFFFDb")]
    [InlineData("""{ "node": 5, "version": {}, "rules": 3, "shards": "x", "members": 1.5, "lagMs": "soon" }""", "-")]
    [InlineData("""{ "node": "\ud800" }""", "-")]
    [InlineData("""{ "node": "n", "shards": [1, null, { "outstandingPermits": 9223372036854775807 }, { "outstandingPermits": 9223372036854775807 }] }""", "n")]
    [InlineData("""{ "node": "n", "rules": [1, { "rule": null }, { "bound": "x" }] }""", "n")]
    [InlineData("""{ "node": "n", "leasedKeys": 1e400 }""", "n")]
    public void Whatever_a_sidecar_tells_of_itself_is_a_row(string node, string name)
    {
        string[] lines = TextOf($$"""{ "domain": "shop", "nodes": [{{node}}] }""").Split('\n');

        Assert.StartsWith(name + " ", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_too_long_is_cut()
    {
        string[] lines = TextOf($$"""{ "domain": "shop", "nodes": [{ "node": "{{new string('n', 65)}}" }] }""").Split('\n');

        Assert.StartsWith(new string('n', 64) + "\u2026 ", lines[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{ "domain": 5, "nodes": {} }""")]
    public void Any_other_json_is_an_empty_table(string answer) =>
        Assert.Equal(4, TextOf(answer).Split('\n').Length);

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string TextOf(string answer)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        return NodesText.Of(document.RootElement);
    }
}

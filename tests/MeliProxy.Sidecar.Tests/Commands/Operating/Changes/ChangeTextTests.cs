using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Changes;

namespace MeliProxy.Sidecar.Tests.Commands.Operating.Changes;

public sealed class ChangeTextTests
{
    [Theory]
    [InlineData(
        """{ "kind": "rule", "name": "per-ip", "before": { "name": "per-ip", "limit": 100 }, "after": { "name": "per-ip", "limit": 50 } }""",
        "per-ip  limit 100 -> 50")]
    [InlineData(
        """{ "kind": "rule", "name": "a", "before": { "limit": 5, "burst": 9, "mode": "enforce" }, "after": { "limit": 6, "mode": "enforce", "cost": 2 } }""",
        "a  limit 5 -> 6",
        "a  burst 9 -> (none)",
        "a  cost (none) -> 2")]
    [InlineData(
        """{ "kind": "rule", "name": "a", "before": { "match": { "path": "/x", "methods": ["GET"] } }, "after": { "match": { "path": "/y z", "methods": ["GET", "PUT"] } } }""",
        "a  match.path /x -> \"/y z\"",
        "a  match.methods GET -> GET, PUT")]
    [InlineData(
        """{ "kind": "rule", "name": "a", "before": {}, "after": { "queue": { "limit": 5, "maxWait": "1s" }, "allow": [], "burst": null } }""",
        "a  queue (none) -> {limit 5, maxWait 1s}",
        "a  allow (none) -> (empty)",
        "a  burst (none) -> null")]
    [InlineData(
        """{ "kind": "rule", "name": "a", "before": null, "after": { "name": "a", "key": ["client-ip", "path"], "limit": 5, "window": "1s" } }""",
        "a  added: key client-ip, path, limit 5, window 1s")]
    [InlineData("""{ "kind": "rule", "name": "a", "before": { "name": "a", "limit": 5 } }""", "a  removed, was: limit 5")]
    [InlineData("""{ "kind": "rule", "name": "a", "before": { "limit": 5 }, "after": { "limit": 5 } }""", "a  as before")]
    [InlineData(
        """{ "kind": "override", "name": "per-ip", "key": ["203.0.113.7"], "before": null, "after": { "limit": 0, "expiresAt": "2026-01-31T12:00:00Z" } }""",
        "per-ip 203.0.113.7  added: blocked until 2026-01-31T12:00:00Z")]
    [InlineData(
        """{ "kind": "override", "name": "a", "key": ["x y", "", "z"], "before": { "limit": 5, "burst": 7 }, "after": { "limit": "unlimited" } }""",
        "a \"x y\" \"\" z  limit 5 burst 7 -> unlimited")]
    [InlineData("""{ "kind": "override", "name": "a", "key": ["x"], "before": { "limit": 5 }, "after": null }""", "a x  removed, was: limit 5")]
    [InlineData("""{ "kind": "mode", "before": "enforce", "after": "shadow" }""", "mode  enforce -> shadow")]
    [InlineData("""{ "kind": "order", "before": ["a", "b"], "after": ["b", "a"] }""", "order  a, b -> b, a")]
    [InlineData(
        """
        { "kind": "scheduled", "name": 9, "before": null, "after": { "id": 9, "effectiveAt": "2026-12-01T06:00:00Z", "command": "rules.put",
          "by": "ana", "change": { "name": "a", "key": ["client-ip"], "limit": 5, "by": "ana" } } }
        """,
        "scheduled 9  added: rules.put at 2026-12-01T06:00:00Z: a  key client-ip, limit 5")]
    [InlineData(
        """
        { "kind": "scheduled", "name": "9", "after": null, "before": { "effectiveAt": "2026-12-01T06:00:00Z", "command": "overrides.put",
          "change": { "rule": "a", "key": ["x", "y"], "limit": 5 } } }
        """,
        "scheduled 9  removed, was: overrides.put at 2026-12-01T06:00:00Z: a x y  limit 5")]
    [InlineData("""{ "kind": "new", "name": "a", "before": 1, "after": [2] }""", "new a  1 -> 2")]
    public void Each_kind_of_change_is_lines(string change, params string[] lines) => Assert.Equal(lines, LinesOf(change));

    [Theory]
    [InlineData("5", "-  changed")]
    [InlineData("""{ "kind": 5, "before": 1 }""", "-  removed, was: 1")]
    [InlineData("""{ "kind": "override", "before": { "limit": {} }, "after": {} }""", "- -  limit {} -> limit ?")]
    [InlineData("""{ "kind": "scheduled", "after": {} }""", "scheduled -  added: - at -: -")]
    [InlineData("""{ "kind": "rule\n", "name": "\u001b[2J", "before": 1, "after": 2 }""", "rule\uFFFD \uFFFD[2J  1 -> 2")]
    [InlineData("""{ "kind": "rule", "name": "a", "before": { "\ud800": 1 }, "after": { "\u001b": "\ud800" } }""", "a  \uFFFD 1 -> (none)", "a  \uFFFD (none) -> \uFFFD")]
    public void Whatever_an_answer_holds_is_lines_that_a_terminal_can_show(string change, params string[] lines) =>
        Assert.Equal(lines, LinesOf(change));

    [Fact]
    public void Of_long_lists_it_is_told_what_came_and_went()
    {
        string[] before = [.. Enumerable.Range(0, 30).Select(i => $"\"client-ip=192.0.2.{i}\"")];
        string[] after = [.. before.Skip(1), "\"client-ip=198.51.100.1\"", before[1]];

        Assert.Equal(
            ["a  deny - client-ip=192.0.2.0", "a  deny + client-ip=198.51.100.1", "a  deny + client-ip=192.0.2.1"],
            LinesOf(Rule("deny", before, after)));
        Assert.Equal(["a  deny in another order"], LinesOf(Rule("deny", before, [.. before.Reverse()])));
        Assert.Equal(
            [.. before.Take(20).Select(item => $"a  deny - {item.Trim('"')}"), "a  deny and 10 more"], LinesOf(Rule("deny", before, [])));
    }

    [Fact]
    public void A_long_text_is_cut()
    {
        string line = Assert.Single(LinesOf($$"""{ "kind": "rule", "name": "a", "before": { "charge": "{{new string('x', 5000)}}" }, "after": {} }"""));

        Assert.Equal($"a  charge {new string('x', 200)}\u2026 -> (none)", line);
    }

    [Theory]
    [InlineData("""{ "revision": 8, "changed": true, "dryRun": false, "changes": [{ "kind": "mode", "before": "a", "after": "b" }] }""", "mode  a -> b\nRevision 8\n")]
    [InlineData("""{ "revision": 8, "changed": false, "dryRun": false, "changes": [] }""", "There was nothing to change. Revision 8\n")]
    [InlineData(
        """{ "revision": 7, "changed": false, "dryRun": true, "changes": [{ "kind": "mode", "before": "a", "after": "b" }] }""",
        "mode  a -> b\nNothing was changed (dry run)\n")]
    [InlineData("""{ "revision": 7, "dryRun": true, "changes": [] }""", "This would change nothing (dry run)\n")]
    public void The_outcome_is_told_below_the_changes(string answer, string text)
    {
        using JsonDocument document = JsonDocument.Parse(answer);

        Assert.Equal(text, ChangeText.Of(document.RootElement));
    }

    private static string Rule(string member, string[] before, string[] after) => $$"""
        { "kind": "rule", "name": "a", "before": { "{{member}}": [{{string.Join(',', before)}}] }, "after": { "{{member}}": [{{string.Join(',', after)}}] } }
        """;

    private static string[] LinesOf(string change)
    {
        using JsonDocument document = JsonDocument.Parse($$"""{ "changes": [{{change}}] }""");
        return [.. ChangeText.Lines(document.RootElement)];
    }
}

using System.Globalization;
using System.Text.Json;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>The answer of <c>GET /api/v1/nodes</c> as text for people.</summary>
/// <remarks>Each node has written its part itself, and may be of another version, so that anything may be missing or of another kind.</remarks>
internal static class NodesText
{
    private const int MaxProblemLength = 300;

    private static readonly (string Title, bool IsNumber, Func<JsonElement, string> Cell)[] NodeColumns =
    [
        ("NODE", false, node => node.Text("node")),
        ("VERSION", false, node => node.Text("version")),
        ("RULES", true, RulesRevision),
        ("CONNECTED", false, node => node.Find("connected") switch
        {
            { ValueKind: JsonValueKind.True } => "yes",
            { ValueKind: JsonValueKind.False } => "no",
            _ => AnswerMembers.Missing,
        }),
        ("MEMBERS", true, node => node.Number("members")),
        ("KEYS", true, node => node.Number("leasedKeys")),
        ("HELD", true, node => node.Number("heldPermits")),
        ("SHARDS", true, node => OfShards(node, shards => shards.Count(shard => shard.IsTrue("owned")))),
        ("OUT", true, node => OfShards(node, shards => shards.Sum(shard => (decimal)(shard.Long("outstandingPermits") ?? 0)))),
        ("LAG", true, node => node.Double("lagMs") is { } lag ? lag.ToString("0.##", CultureInfo.InvariantCulture) + " ms" : AnswerMembers.Missing),
        ("CUT OFF", false, CutOffRules),
    ];

    public static string Of(JsonElement answer)
    {
        JsonElement[] nodes = [.. answer.Items("nodes").OrderBy(node => node.Text("node"), StringComparer.Ordinal)];
        string domain = answer.Find("domain") is { ValueKind: JsonValueKind.String }
            ? $"Domain {answer.Text("domain")}: {nodes.Length} {(nodes.Length == 1 ? "sidecar" : "sidecars")} answered\n\n"
            : "This sidecar shares no quotas; it would with sharing.nats set\n\n";
        if (nodes is [var only] && only.Find("connected") is { ValueKind: JsonValueKind.False })
        {
            domain += "It is cut off from NATS, so it could not ask others\n\n";
        }

        bool shares = answer.Find("domain") is { ValueKind: JsonValueKind.String };
        (string Title, bool IsNumber, Func<JsonElement, string> Cell)[] columns =
        [
            // Without sharing most columns would have nothing to tell.
            .. NodeColumns.Where(column => shares || nodes.Length == 0 || nodes.Any(node => column.Cell(node) != AnswerMembers.Missing)),
        ];
        string table = columns.Length == 0
            ? ""
            : TextTable.Format(
                [.. columns.Select(column => column.IsNumber)],
                [
                    [.. columns.Select(column => column.Title)],
                    .. nodes.Select(node => (IReadOnlyList<string>)[.. columns.Select(column => column.Cell(node))]),
                ]);
        return domain + table + Rules(nodes) + Problems(nodes);
    }

    /// <summary>A line for each sink that has a problem.</summary>
    private static string Problems(IReadOnlyList<JsonElement> nodes)
    {
        string lines = string.Concat(nodes.SelectMany(node => node.Items("sinks")
            .Where(sink => sink.Find("problem") is { ValueKind: JsonValueKind.String })
            .Select(sink => $"{node.Text("node")} {sink.Text("name")}: {sink.Text("problem", MaxProblemLength)}\n")));
        return lines.Length == 0 ? "" : "\n" + lines;
    }

    /// <summary>The revision of its rules, marked where it is not in force or others may have later ones.</summary>
    private static string RulesRevision(JsonElement node) =>
        node.Number("rulesRevision") + (node.Find("rulesProblem") is not null ? "!" : node.IsTrue("rulesCutOff") && node.IsTrue("shares") ? "?" : "");

    /// <summary>The rules with the largest bound that any node tells, as they may see the domain differently.</summary>
    private static string Rules(IReadOnlyList<JsonElement> nodes)
    {
        IReadOnlyList<string>[] rows =
        [
            .. nodes.SelectMany(node => node.Items("rules"))
                .GroupBy(rule => rule.Text("rule"))
                .OrderBy(rule => rule.Key, StringComparer.Ordinal)
                .Select(rule => (IReadOnlyList<string>)
                [
                    rule.Key,
                    rule.All(r => r.Long("bound") is not null) ? AnswerMembers.Count(rule.Max(r => r.Long("bound") ?? 0)) : "none",
                    $"{AnswerMembers.Count(rule.Count(r => r.IsTrue("cutOff")))} of {AnswerMembers.Count(rule.Count())}",
                ]),
        ];
        return rows.Length == 0 ? "" : "\n" + TextTable.Format([false, true, true], [["RULE", "BOUND", "CUT OFF"], .. rows]);
    }

    private static string CutOffRules(JsonElement node)
    {
        if (node.Find("rules") is null)
        {
            return AnswerMembers.Missing;
        }

        string[] rules = [.. node.Items("rules").Where(rule => rule.IsTrue("cutOff")).Select(rule => rule.Text("rule"))];
        return rules.Length == 0 ? "no" : string.Join(", ", rules);
    }

    private static string OfShards(JsonElement node, Func<IEnumerable<JsonElement>, decimal> figure) =>
        node.Find("shards") is null ? AnswerMembers.Missing : AnswerMembers.Count(figure(node.Items("shards")));
}

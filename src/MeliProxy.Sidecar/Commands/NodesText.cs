using System.Globalization;
using System.Text.Json;

namespace MeliProxy.Sidecar.Commands;

/// <summary>The answer of <c>GET /api/v1/nodes</c> as text for people.</summary>
/// <remarks>Each node has written its part itself, and may be of another version, so that anything may be missing or of another kind.</remarks>
internal static class NodesText
{
    private const string Missing = "-";

    /// <summary>The longest name that the configuration takes; whoever tells of a longer one is not to spoil the table.</summary>
    private const int MaxLength = 64;

    private static readonly (string Title, bool IsNumber, Func<JsonElement, string> Cell)[] NodeColumns =
    [
        ("NODE", false, node => Text(node, "node")),
        ("VERSION", false, node => Text(node, "version")),
        ("CONNECTED", false, node => Find(node, "connected") switch
        {
            { ValueKind: JsonValueKind.True } => "yes",
            { ValueKind: JsonValueKind.False } => "no",
            _ => Missing,
        }),
        ("MEMBERS", true, node => Number(node, "members")),
        ("KEYS", true, node => Number(node, "leasedKeys")),
        ("HELD", true, node => Number(node, "heldPermits")),
        ("SHARDS", true, node => OfShards(node, shards => shards.Count(shard => IsTrue(shard, "owned")))),
        ("OUT", true, node => OfShards(node, shards => shards.Sum(shard => (decimal)(Long(shard, "outstandingPermits") ?? 0)))),
        ("LAG", true, node => Double(node, "lagMs") is { } lag ? lag.ToString("0.##", CultureInfo.InvariantCulture) + " ms" : Missing),
        ("CUT OFF", false, CutOffRules),
    ];

    public static string Of(JsonElement answer)
    {
        JsonElement[] nodes = [.. Items(answer, "nodes").OrderBy(node => Text(node, "node"), StringComparer.Ordinal)];
        string domain = Find(answer, "domain") is { ValueKind: JsonValueKind.String }
            ? $"Domain {Text(answer, "domain")}: {nodes.Length} {(nodes.Length == 1 ? "sidecar" : "sidecars")} answered\n\n"
            : "This sidecar shares no quotas; it would with sharing.nats set\n\n";
        string table = TextTable.Format(
            [.. NodeColumns.Select(column => column.IsNumber)],
            [
                [.. NodeColumns.Select(column => column.Title)],
                .. nodes.Select(node => (IReadOnlyList<string>)[.. NodeColumns.Select(column => column.Cell(node))]),
            ]);
        return domain + table + Rules(nodes);
    }

    /// <summary>The rules with the largest bound that any node tells, as they may see the domain differently.</summary>
    private static string Rules(IReadOnlyList<JsonElement> nodes)
    {
        IReadOnlyList<string>[] rows =
        [
            .. nodes.SelectMany(node => Items(node, "rules"))
                .GroupBy(rule => Text(rule, "rule"))
                .OrderBy(rule => rule.Key, StringComparer.Ordinal)
                .Select(rule => (IReadOnlyList<string>)
                [
                    rule.Key,
                    rule.All(r => Long(r, "bound") is not null) ? Count(rule.Max(r => Long(r, "bound") ?? 0)) : "none",
                    $"{Count(rule.Count(r => IsTrue(r, "cutOff")))} of {Count(rule.Count())}",
                ]),
        ];
        return rows.Length == 0 ? "" : "\n" + TextTable.Format([false, true, true], [["RULE", "BOUND", "CUT OFF"], .. rows]);
    }

    private static string CutOffRules(JsonElement node)
    {
        if (Find(node, "rules") is null)
        {
            return Missing;
        }

        string[] rules = [.. Items(node, "rules").Where(rule => IsTrue(rule, "cutOff")).Select(rule => Text(rule, "rule"))];
        return rules.Length == 0 ? "no" : string.Join(", ", rules);
    }

    private static string OfShards(JsonElement node, Func<IEnumerable<JsonElement>, decimal> figure) =>
        Find(node, "shards") is null ? Missing : Count(figure(Items(node, "shards")));

    private static JsonElement? Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : null;

    private static JsonElement[] Items(JsonElement element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static string Text(JsonElement element, string name)
    {
        if (Find(element, name) is not { ValueKind: JsonValueKind.String } value)
        {
            return Missing;
        }

        try
        {
            string text = PrintableText.Of(value.GetString()!);
            return text.Length <= MaxLength ? text : text[..MaxLength] + '\u2026';
        }
        catch (InvalidOperationException)
        {
            // JSON can hold half a surrogate pair, and a string cannot.
            return Missing;
        }
    }

    private static bool IsTrue(JsonElement element, string name) => Find(element, name) is { ValueKind: JsonValueKind.True };

    private static long? Long(JsonElement element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long value) ? value : null;

    private static double? Double(JsonElement element, string name) =>
        Find(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double value) ? value : null;

    private static string Number(JsonElement element, string name) => Long(element, name) is { } value ? Count(value) : Missing;

    private static string Count(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}

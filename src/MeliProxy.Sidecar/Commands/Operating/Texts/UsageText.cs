using System.Text.Json;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>The answer of <c>usage.query</c> as text for people.</summary>
internal static class UsageText
{
    private static readonly (string Title, string Member)[] Counts =
    [
        ("ALLOWED", "allowed"),
        ("LIMITED", "limited"),
        ("SHADOW LIMITED", "shadowLimited"),
        ("DELAYED", "delayed"),
        ("FAILED", "failed"),
        ("NO ROOM", "noRoom"),
    ];

    public static string Of(JsonElement answer) => $"{Nodes(answer)}, since {answer.Text("since")}\n\n" + TextTable.Format(
        [false, false, .. Counts.Select(_ => true)],
        [
            ["RULE", "MODE", .. Counts.Select(count => count.Title)],
            .. answer.Items("rules").Select(rule => (IReadOnlyList<string>)
                [rule.Text("rule"), rule.Text("mode"), .. Counts.Select(count => rule.Number(count.Member))]),
        ]);

    /// <summary>How many sidecars an answer tells of.</summary>
    public static string Nodes(JsonElement answer) => answer.Long("nodes") is 1 ? "1 sidecar" : $"{answer.Number("nodes")} sidecars";
}

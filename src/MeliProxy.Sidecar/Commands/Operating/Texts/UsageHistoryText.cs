using System.Text.Json;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>The answer of <c>usage.query</c> about a time as text for people.</summary>
internal static class UsageHistoryText
{
    private static readonly (string Title, string Member)[] Counts =
    [
        ("ALLOWED", "allowed"),
        ("LIMITED", "limited"),
        ("SHADOW LIMITED", "shadowLimited"),
        ("DELAYED", "delayed"),
        ("FAILED", "failed"),
        ("NO ROOM", "noRoom"),
        ("FAIL OPEN", "failOpen"),
        ("COST", "cost"),
    ];

    /// <param name="answer">The answer.</param>
    /// <param name="isByStep">Whether to tell it step by step, and not the sums alone.</param>
    public static string Of(JsonElement answer, bool isByStep) => $"{HistoryText.Head(answer)}\n\n" + (isByStep ? Steps(answer) : Totals(answer));

    private static string Totals(JsonElement answer) => TextTable.Format(
        [false, false, .. Counts.Select(_ => true)],
        [
            ["RULE", "MODE", .. Counts.Select(count => count.Title)],
            .. answer.Items("rules").Select(rule => (IReadOnlyList<string>)
                [rule.Text("rule"), rule.Text("mode"), .. Cells(rule.Find("total"))]),
        ]);

    private static string Steps(JsonElement answer) => TextTable.Format(
        [false, false, .. Counts.Select(_ => true), true, true],
        [
            ["RULE", "TIME", .. Counts.Select(count => count.Title), "USED %", "DECISION P99 µs"],
            .. answer.Items("rules").SelectMany(rule => rule.Items("points").Select(point => (IReadOnlyList<string>)
            [
                rule.Text("rule"),
                point.Text("time"),
                .. Cells(point),
                HistoryText.Decimal(point, "usedPct"),
                HistoryText.Decimal(point, "decisionUsP99"),
            ])),
        ]);

    private static IEnumerable<string> Cells(JsonElement? counts) => Counts.Select(count => counts?.Number(count.Member) ?? AnswerMembers.Missing);
}

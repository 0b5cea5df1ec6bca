using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Changes;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>Overrides as a table for people.</summary>
internal static class OverridesText
{
    public static string Of(JsonElement answer)
    {
        string table = Table(answer);
        return table.Length == 0 ? "There are no overrides\n" : table + PageOptions.Next(answer);
    }

    /// <summary>The table; empty without overrides.</summary>
    public static string Table(JsonElement answer)
    {
        IReadOnlyList<string>[] rows =
        [
            .. answer.Items("overrides").Select(one => (IReadOnlyList<string>)
                [one.Text("rule"), KeyText.Of(one), OverrideText.Limit(one), one.Find("burst") is null ? "" : one.Number("burst"), Until(one)]),
        ];
        return rows.Length == 0 ? "" : TextTable.Format([false, false, false, true, false], [["RULE", "KEY", "LIMIT", "BURST", "UNTIL"], .. rows]);
    }

    private static string Until(JsonElement one) => one.Find("expiresAt") is null ? "" : one.Text("expiresAt");
}

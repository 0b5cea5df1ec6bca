using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Changes;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>The answers of <c>rules.list</c> and <c>rules.get</c> as text for people.</summary>
internal static class RulesText
{
    /// <summary>Members that have a column; what else a rule has stands in the last one.</summary>
    private static readonly string[] InColumns =
        ["name", "key", "limit", "window", "calendar", "timeZone", "burst", "algorithm", "mode", "enforcePercent", "scope", "match"];

    private static readonly string[] Titles = ["RULE", "KEY", "LIMIT", "ALGORITHM", "MODE", "SCOPE", "MATCH", "ALSO"];

    public static string Of(JsonElement answer)
    {
        IReadOnlyList<string>[] rows = [.. answer.Items("rules").Select(rule => (IReadOnlyList<string>)Row(rule))];
        string rules = rows.Length == 0
            ? "There are no rules\n"
            : TextTable.Format([.. Titles.Select(_ => false)], [Titles, .. rows]);
        string overrides = OverridesText.Table(answer);
        string scheduled = answer.Items("scheduled").Length == 0 ? "" : $"\nScheduled:\n{ScheduledText.OfAll(answer)}";
        return $"{Head(answer)}\n\n{rules}{(overrides.Length == 0 ? "" : "\nOverrides:\n" + overrides)}{scheduled}{PageOptions.Next(answer)}";
    }

    /// <summary>One rule as JSON in the form that can be put back.</summary>
    public static string OfOne(JsonElement answer) =>
        answer.Find("rule") is { } rule ? JsonText.Indented(rule.WriteTo) : "The answer holds no rule\n";

    /// <summary>Rules, overrides and mode as JSON in the form that can be imported.</summary>
    public static string Export(JsonElement answer) => JsonText.Indented(writer =>
    {
        writer.WriteStartObject();
        foreach (string name in (ReadOnlySpan<string>)["rules", "overrides", "mode"])
        {
            if (answer.Find(name) is { } value)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    });

    private static string Head(JsonElement answer)
    {
        JsonElement source = answer.Find("source") ?? default;
        string store = source.Find("store") is null ? "" : $", kept in {source.Text("store")}";
        string cutOff = source.IsTrue("isCutOff") ? ", cut off from it: nothing can be changed now" : "";

        // A part of the list goes without a mode.
        string mode = answer.Find("mode") is null ? "" : $", mode {answer.Text("mode")}";
        return $"Revision {answer.Number("revision")}{mode}{store}{cutOff}";
    }

    private static string[] Row(JsonElement rule) =>
    [
        rule.Text("name"),
        rule.Find("key") is { } key ? JsonText.Brief(key) : AnswerMembers.Missing,
        Limit(rule),
        rule.Text("algorithm"),
        rule.Find("enforcePercent") is null ? rule.Text("mode") : $"{rule.Text("mode")} {rule.Number("enforcePercent")} %",
        rule.Text("scope"),
        rule.Find("match") is { ValueKind: JsonValueKind.Object } match ? MembersText.Of(match) : "",
        MembersText.Of(rule, InColumns),
    ];

    private static string Limit(JsonElement rule)
    {
        string per = rule switch
        {
            _ when rule.Find("window") is not null => $" per {rule.Text("window")}",
            _ when rule.Find("calendar") is not null =>
                $" per {rule.Text("calendar")}{(rule.Find("timeZone") is null ? "" : $" ({rule.Text("timeZone")})")}",
            _ => " at once",
        };
        return rule.Number("limit") + per + (rule.Find("burst") is null ? "" : $", burst {rule.Number("burst")}");
    }
}

using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>What an override makes of its key, such as <c>blocked until 2026-01-31T12:00:00Z</c>.</summary>
internal static class OverrideText
{
    public static string Of(JsonElement value)
    {
        string burst = value.Find("burst") is { ValueKind: not JsonValueKind.Null } ? $" burst {value.Number("burst")}" : "";
        string until = value.Find("expiresAt") is { ValueKind: JsonValueKind.String } ? $" until {value.Text("expiresAt")}" : "";
        return Limit(value) + burst + until;
    }

    /// <summary>Its limit, or the word for what that means.</summary>
    public static string Limit(JsonElement value) => value.Find("limit") switch
    {
        { ValueKind: JsonValueKind.Number } when value.Long("limit") == 0 => "blocked",
        { ValueKind: JsonValueKind.String } limit when limit.ValueEquals("unlimited") => "unlimited",
        { } limit => $"limit {JsonText.Brief(limit, AnswerMembers.MaxNameLength)}",
        null => "limit ?",
    };
}

using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>What a change changed, as lines for people.</summary>
internal static class ChangeText
{
    /// <summary>The answer to a change.</summary>
    public static string Of(JsonElement answer)
    {
        string[] lines = [.. Lines(answer)];
        string outcome = (answer.IsTrue("dryRun"), lines.Length) switch
        {
            (true, 0) => "This would change nothing (dry run)",
            (true, _) => "Nothing was changed (dry run)",
            (false, 0) => $"There was nothing to change. Revision {answer.Number("revision")}",
            _ => $"Revision {answer.Number("revision")}",
        };
        return string.Concat(lines.Append(outcome).Select(line => line + "\n"));
    }

    /// <summary>Everything under <c>changes</c>, of an answer or of an entry of the audit.</summary>
    public static IEnumerable<string> Lines(JsonElement answer)
    {
        foreach (JsonElement change in answer.Items("changes"))
        {
            string subject = Subject(change);
            foreach (string what in Describe(change))
            {
                yield return $"{subject}  {what}";
            }
        }
    }

    private static string Subject(JsonElement change)
    {
        string kind = change.Text("kind");
        return kind switch
        {
            "rule" => Name(change),
            "override" => $"{Name(change)} {KeyText.Of(change)}",
            "scheduled" => $"scheduled {Name(change)}",
            _ when change.Find("name") is null => kind,
            _ => $"{kind} {Name(change)}",
        };
    }

    // The id of a scheduled change may be a number.
    private static string Name(JsonElement change) =>
        change.Find("name") is { } name ? JsonText.Brief(name, AnswerMembers.MaxNameLength) : AnswerMembers.Missing;

    private static IEnumerable<string> Describe(JsonElement change)
    {
        JsonElement? before = Given(change, "before");
        JsonElement? after = Given(change, "after");
        return (before, after) switch
        {
            ({ } b, { } a) when IsObject(b) && IsObject(a) && !change.Find("kind")!.Value.ValueEquals("override") =>
                JsonDifference.Of(b, a).DefaultIfEmpty("as before"),
            ({ } b, { } a) => [$"{Whole(change, b)} -> {Whole(change, a)}"],
            (null, { } a) => [$"added: {Whole(change, a)}"],
            ({ } b, null) => [$"removed, was: {Whole(change, b)}"],
            _ => ["changed"],
        };
    }

    private static string Whole(JsonElement change, JsonElement value) => IsObject(value)
        ? change.Text("kind") switch
        {
            "override" => OverrideText.Of(value),
            "scheduled" => ScheduledText.Of(value),
            _ => MembersText.Of(value, "name"),
        }
        : JsonText.Brief(value);

    private static JsonElement? Given(JsonElement change, string name) =>
        change.Find(name) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    private static bool IsObject(JsonElement value) => value.ValueKind == JsonValueKind.Object;
}

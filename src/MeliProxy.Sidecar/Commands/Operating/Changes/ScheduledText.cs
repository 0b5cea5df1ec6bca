using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>A change that is to come.</summary>
internal static class ScheduledText
{
    /// <summary>Members that are told elsewhere, or are of no interest before it takes effect.</summary>
    private static readonly string[] Told = ["name", "by", "schema", "dryRun", "effectiveAt", "expectedRevision"];

    /// <summary>Those that <c>rules.list</c> tells of.</summary>
    public static string OfAll(JsonElement answer)
    {
        JsonElement[] scheduled = answer.Items("scheduled");
        return scheduled.Length == 0
            ? "Nothing is scheduled\n"
            : string.Concat(scheduled.Select(one =>
                $"{Id(one)}  {one.Text("effectiveAt")}  {one.Text("by", 128)}  {one.Text("command")}\n   {What(one)}\n"));
    }

    /// <summary>One in a line.</summary>
    public static string Of(JsonElement one) => $"{one.Text("command")} at {one.Text("effectiveAt")}: {What(one)}";

    private static string Id(JsonElement one) => one.Find("id") is { } id ? JsonText.Brief(id, AnswerMembers.MaxNameLength) : AnswerMembers.Missing;

    private static string What(JsonElement one)
    {
        if (one.Find("change") is not { ValueKind: JsonValueKind.Object } change)
        {
            return AnswerMembers.Missing;
        }

        // The key of an override is what it is for; the key of a rule is one of its members.
        bool isOfKey = change.Find("rule") is not null;
        string members = MembersText.Of(change, isOfKey ? ["rule", "key", .. Told] : Told);
        return (change.Find("rule") ?? change.Find("name")) is { } name
            ? $"{JsonText.Brief(name, AnswerMembers.MaxNameLength)}{(isOfKey ? " " + KeyText.Of(change) : "")}  {members}".TrimEnd()
            : members;
    }
}

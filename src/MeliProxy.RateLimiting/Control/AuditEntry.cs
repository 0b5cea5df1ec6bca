using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>Who made a revision of the document, and what it changed.</summary>
/// <param name="Revision">The revision that it made.</param>
/// <param name="At">When.</param>
/// <param name="By">Who, as far as it is known.</param>
/// <param name="Via">The way the command came, or <see cref="ViaSchedule"/> or <see cref="ViaConfiguration"/>.</param>
/// <param name="Command">The command.</param>
/// <param name="Note">What else there is to say.</param>
/// <param name="Changes">What it changed.</param>
/// <param name="IsCut">Whether what it changed was too long to be kept, so that nothing before it can be brought back.</param>
internal sealed record AuditEntry(
    long Revision,
    DateTimeOffset At,
    string? By,
    string Via,
    string Command,
    string? Note,
    IReadOnlyList<RuleDifference> Changes,
    bool IsCut = false)
{
    public const string ViaSchedule = "schedule";
    public const string ViaConfiguration = "configuration";

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("revision", Revision);
        writer.WriteString("at", MomentText.Format(At));
        writer.WriteString("by", By);
        writer.WriteString("via", Via);
        writer.WriteString("command", Command);
        if (Note is not null)
        {
            writer.WriteString("note", Note);
        }

        if (IsCut)
        {
            writer.WriteBoolean("isCut", true);
        }

        writer.WriteStartArray("changes");
        foreach (RuleDifference change in Changes)
        {
            change.Write(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static AuditEntry Read(JsonElement element, string path, ICollection<RuleError> errors)
    {
        JsonMembers members = new(element, path, errors);
        AuditEntry read = new(
            members.ReadInteger("revision", required: true) ?? 0,
            RuleJson.ReadMoment(members, "at", required: true) ?? default,
            members.ReadString("by"),
            members.ReadString("via", required: true) ?? "",
            members.ReadString("command", required: true) ?? "",
            members.ReadString("note"),
            RuleDocument.ReadList(members, "changes", path, errors, RuleDifference.Read),
            members.ReadBoolean("isCut") ?? false);
        members.RejectUnknown();
        return read;
    }
}

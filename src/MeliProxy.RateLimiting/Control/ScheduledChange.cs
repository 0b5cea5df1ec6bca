using System.Text.Json;
using MeliProxy.RateLimiting.Control.Changes;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>A change that is to come.</summary>
/// <param name="Id">What it is called by, unique in its document.</param>
/// <param name="EffectiveAt">When it comes.</param>
/// <param name="Change">What changes then.</param>
/// <param name="Ttl">How long it lasts from then on; <see langword="null"/>: for good.</param>
/// <param name="By">Who asked for it, as far as it is known.</param>
/// <param name="Ends">The revision that lasts until then; <see langword="null"/>: it is no end of something.</param>
internal sealed record ScheduledChange(long Id, DateTimeOffset EffectiveAt, RuleChange Change, TimeSpan? Ttl, string? By, long? Ends)
{
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", Id);
        writer.WriteString("effectiveAt", MomentText.Format(EffectiveAt));
        if (Ttl is { } ttl)
        {
            writer.WriteString("ttl", DurationText.Format(ttl));
        }

        writer.WriteString("by", By);
        if (Ends is { } ends)
        {
            writer.WriteNumber("ends", ends);
        }

        writer.WriteString("command", Change.Command);
        writer.WriteStartObject("change");
        Change.WriteMembers(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static ScheduledChange Read(JsonElement element, string path, ICollection<RuleError> errors)
    {
        JsonMembers members = new(element, path, errors);
        ScheduledChange read = new(
            members.ReadInteger("id", required: true) ?? 0,
            RuleJson.ReadMoment(members, "effectiveAt", required: true) ?? default,
            null!,
            members.ReadDuration("ttl"),
            members.ReadString("by"),
            members.ReadInteger("ends"));
        if (read.Id is < 1 or > RuleDocument.MaxNumber)
        {
            members.Error("id", $"must be from 1 to {RuleDocument.MaxNumber}");
        }

        if (read.Ttl is { } ttl && (ttl < CommandBody.LeastTtl || ttl > CommandBody.LongestTtl))
        {
            members.Error("ttl", "must be from 1s to 365d");
        }

        if (read.EffectiveAt.Year > 9000)
        {
            members.Error("effectiveAt", "is too far away");
        }

        string command = members.ReadString("command", required: true) ?? "";
        if (members.ReadObject("change", required: true) is { } change)
        {
            read = read with { Change = RuleChangeJson.Read(command, change, $"{path}.change", errors) };
        }

        members.RejectUnknown();
        return read;
    }
}

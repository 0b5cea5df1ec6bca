using System.Globalization;
using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>One thing that a change has changed.</summary>
/// <param name="Kind">One of the constants here.</param>
/// <param name="Name">The rule, or the id of the scheduled change.</param>
/// <param name="Key">The key of an override.</param>
/// <param name="Position">Where a rule was that is gone.</param>
/// <param name="Before">What there was, as JSON; <see langword="null"/>: nothing.</param>
/// <param name="After">What there is, as JSON; <see langword="null"/>: nothing.</param>
internal sealed record RuleDifference(string Kind, string? Name, IReadOnlyList<string>? Key, int? Position, string? Before, string? After)
{
    public const string Rule = "rule";
    public const string Override = "override";
    public const string Mode = "mode";
    public const string Scheduled = "scheduled";
    public const string Order = "order";

    private static readonly string[] Kinds = [Rule, Override, Mode, Scheduled, Order];

    public static RuleDifference OfScheduled(ScheduledChange change, bool isNew)
    {
        string text = JsonText.Of(change.Write);
        return new RuleDifference(
            Scheduled, change.Id.ToString(CultureInfo.InvariantCulture), null, null, isNew ? null : text, isNew ? text : null);
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", Kind);
        if (Name is not null)
        {
            writer.WriteString("name", Name);
        }

        if (Key is not null)
        {
            RuleJson.WriteList(writer, "key", Key);
        }

        if (Position is { } position)
        {
            writer.WriteNumber("position", position);
        }

        WriteValue(writer, "before", Before);
        WriteValue(writer, "after", After);
        writer.WriteEndObject();
    }

    public static RuleDifference Read(JsonElement element, string path, ICollection<RuleError> errors)
    {
        JsonMembers members = new(element, path, errors);
        string kind = members.ReadString("kind", required: true) ?? "";
        if (!Kinds.Contains(kind))
        {
            members.Error("kind", $"'{kind}' is unknown");
        }

        string? name = members.ReadString("name");
        IReadOnlyList<string> key = members.ReadStrings("key");
        RuleDifference read = new(
            kind,
            name,
            key.Count > 0 ? key : null,
            (int?)members.ReadInteger("position"),
            members.ReadElement("before")?.GetRawText(),
            members.ReadElement("after")?.GetRawText());
        members.RejectUnknown();
        return read;
    }

    /// <summary>Says the difference in a few words for people.</summary>
    public string Describe()
    {
        string what = Kind switch
        {
            Rule => $"rule {Name}",
            Override => $"override of {Name} for {string.Join(" ", Key ?? [])}",
            Mode => $"mode {After?.Trim('"')}",
            Order => "the order of rules",
            _ => $"{Kind} {Name}",
        };
        return Kind is Mode or Order ? what : (Before, After) switch
        {
            (null, _) => $"{what} added",
            (_, null) => $"{what} removed",
            _ => $"{what} changed",
        };
    }

    private static void WriteValue(Utf8JsonWriter writer, string name, string? json)
    {
        writer.WritePropertyName(name);
        if (json is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteRawValue(json);
        }
    }
}

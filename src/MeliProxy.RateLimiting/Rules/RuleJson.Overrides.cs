using System.Text.Json;

namespace MeliProxy.RateLimiting.Rules;

/// <content>Overrides.</content>
public static partial class RuleJson
{
    private const string Unlimited = "unlimited";

    /// <summary>Reads a list of overrides. They are checked when a <see cref="RuleSet"/> is made of them.</summary>
    /// <param name="element">The JSON array.</param>
    /// <param name="path">Its JSON path, for errors; such as <c>$.overrides</c>.</param>
    /// <param name="errors">Receives everything that cannot be read.</param>
    /// <returns>An override for each item; not to be used if anything was added to <paramref name="errors"/>.</returns>
    public static IReadOnlyList<RuleOverride> ReadOverrides(JsonElement element, string path, ICollection<RuleError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        List<RuleOverride> overrides = [];
        if (element.ValueKind != JsonValueKind.Array)
        {
            errors.Add(new RuleError(path, "must be an array of overrides"));
            return overrides;
        }

        foreach (JsonElement item in element.EnumerateArray())
        {
            overrides.Add(ReadMembers(item, $"{path}[{overrides.Count}]", errors));
        }

        return overrides;
    }

    /// <summary>Reads a list of overrides and checks them against the rules they are for.</summary>
    /// <param name="element">The JSON array.</param>
    /// <param name="rules">The rules, which may have errors of their own.</param>
    /// <param name="path">The JSON path of the array, for errors; such as <c>$.overrides</c>.</param>
    /// <param name="errors">Receives everything that is wrong with the overrides.</param>
    /// <returns>An override for each item; not to be used if anything was added to <paramref name="errors"/>.</returns>
    public static IReadOnlyList<RuleOverride> ReadOverrides(
        JsonElement element, IReadOnlyList<RateLimitRule> rules, string path, ICollection<RuleError> errors)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(errors);
        List<RuleError> unreadable = [];
        IReadOnlyList<RuleOverride> overrides = ReadOverrides(element, path, unreadable);
        unreadable.ForEach(errors.Add);
        List<RuleError> invalid = [];
        OverrideValidation.Validate(overrides, rules, path, invalid);
        AddUnreported(invalid, element, path, unreadable, errors);
        return overrides;
    }

    /// <summary>Reads one override. It is checked when a <see cref="RuleSet"/> is made with it.</summary>
    /// <param name="element">The JSON object.</param>
    /// <param name="path">Its JSON path, for errors; such as <c>$</c>.</param>
    /// <param name="errors">Receives everything that cannot be read.</param>
    /// <returns>The override, or <see langword="null"/> if something was wrong.</returns>
    public static RuleOverride? ReadOverride(JsonElement element, string path, ICollection<RuleError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        int before = errors.Count;
        RuleOverride read = ReadMembers(element, path, errors);
        return errors.Count == before ? read : null;
    }

    /// <summary>Writes an override as a JSON object that <see cref="ReadOverride"/> reads.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The override.</param>
    public static void WriteOverride(Utf8JsonWriter writer, RuleOverride value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        WriteOverrideMembers(writer, value);
        writer.WriteEndObject();
    }

    internal static void WriteOverrideMembers(Utf8JsonWriter writer, RuleOverride value)
    {
        writer.WriteString("rule", value.Rule);
        WriteList(writer, "key", value.Key);
        if (value.Limit is { } limit)
        {
            writer.WriteNumber("limit", limit);
        }
        else
        {
            writer.WriteString("limit", Unlimited);
        }

        if (value.Burst is { } burst)
        {
            writer.WriteNumber("burst", burst);
        }

        if (value.ExpiresAt is { } expiresAt)
        {
            writer.WriteString("expiresAt", MomentText.Format(expiresAt));
        }
    }

    /// <summary>Reads an override as far as it goes; what cannot be read is left invalid.</summary>
    private static RuleOverride ReadMembers(JsonElement element, string path, ICollection<RuleError> errors)
    {
        JsonMembers members = new(element, path, errors);
        RuleOverride read = new()
        {
            Rule = members.ReadString("rule", required: true) ?? "",
            Key = members.ReadStrings("key", required: true),
            Limit = ReadLimit(members),
            Burst = members.ReadInteger("burst"),
            ExpiresAt = ReadMoment(members, "expiresAt"),
        };
        members.RejectUnknown();
        return read;
    }

    private static long? ReadLimit(JsonMembers members)
    {
        if (members.ReadElement("limit", required: true) is not { } value)
        {
            return -1;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long limit))
        {
            return limit;
        }

        if (value.ValueKind == JsonValueKind.String && value.ValueEquals(Unlimited))
        {
            return null;
        }

        members.Error("limit", $"must be a whole number or \"{Unlimited}\"");
        return -1;
    }

    /// <summary>Takes a member that is a moment.</summary>
    internal static DateTimeOffset? ReadMoment(JsonMembers members, string name, bool required = false)
    {
        if (members.ReadString(name, required) is not { } text)
        {
            return null;
        }

        if (MomentText.TryParse(text, out DateTimeOffset moment))
        {
            return moment;
        }

        members.Error(name, "must be a date and time with an offset from UTC, such as \"2026-01-31T12:00:00Z\"");
        return null;
    }
}

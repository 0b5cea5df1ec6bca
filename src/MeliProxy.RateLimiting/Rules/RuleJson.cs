using System.Text.Json;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>Rules as JSON: the one form used in configuration files, commands and answers.</summary>
public static class RuleJson
{
    /// <summary>Reads and checks a list of rules.</summary>
    /// <param name="element">The JSON array.</param>
    /// <param name="path">Its JSON path, for errors; such as <c>$.rules</c>.</param>
    /// <param name="errors">Receives everything that is wrong.</param>
    /// <returns>
    /// A rule for each item. If anything was added to <paramref name="errors"/> they are good only for finding what else is wrong, see
    /// <see cref="QuotaLimiterOptions{TResource}.CheckKeysAndMatches"/>.
    /// </returns>
    public static IReadOnlyList<RateLimitRule> ReadRules(JsonElement element, string path, ICollection<RuleError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        List<RateLimitRule> rules = [];
        if (element.ValueKind != JsonValueKind.Array)
        {
            errors.Add(new RuleError(path, "must be an array of rules"));
            return rules;
        }

        Dictionary<string, string> names = new(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonElement item in element.EnumerateArray())
        {
            string itemPath = $"{path}[{index++}]";
            RateLimitRule rule = Read(item, itemPath, errors);
            rules.Add(rule);
            if (rule.Name.Length > 0 && !names.TryAdd(rule.Name, itemPath))
            {
                errors.Add(new RuleError($"{itemPath}.name", $"the name '{rule.Name}' is already taken by {names[rule.Name]}"));
            }
        }

        return rules;
    }

    /// <summary>Reads and checks one rule.</summary>
    /// <param name="element">The JSON object.</param>
    /// <param name="path">Its JSON path, for errors; such as <c>$.rules[0]</c>.</param>
    /// <param name="errors">Receives everything that is wrong.</param>
    /// <returns>The rule, or <see langword="null"/> if something was wrong.</returns>
    public static RateLimitRule? ReadRule(JsonElement element, string path, ICollection<RuleError> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        int before = errors.Count;
        RateLimitRule rule = Read(element, path, errors);
        return errors.Count == before ? rule : null;
    }

    /// <summary>Writes a rule as a JSON object that <see cref="ReadRule"/> reads; members with default values are left out.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="rule">The rule.</param>
    public static void WriteRule(Utf8JsonWriter writer, RateLimitRule rule)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(rule);
        writer.WriteStartObject();
        writer.WriteString("name", rule.Name);
        if (rule.Match is { } match)
        {
            writer.WriteStartObject("match");
            if (match.Path is not null)
            {
                writer.WriteString("path", match.Path);
            }

            WriteStrings(writer, "methods", match.Methods);
            WriteStrings(writer, "hosts", match.Hosts);
            if (match.Headers.Count > 0)
            {
                writer.WriteStartObject("headers");
                foreach ((string name, string value) in match.Headers)
                {
                    writer.WriteString(name, value);
                }

                writer.WriteEndObject();
            }

            if (match.Endpoint)
            {
                writer.WriteBoolean("endpoint", true);
            }

            writer.WriteEndObject();
        }

        WriteStrings(writer, "key", rule.Key);
        writer.WriteString("algorithm", NameOf(AlgorithmNames, rule.Algorithm));
        writer.WriteNumber("limit", rule.Limit);
        writer.WriteString("window", DurationText.Format(rule.Window));
        if (rule.Burst is { } burst)
        {
            writer.WriteNumber("burst", burst);
        }

        if (rule.Cost != 1)
        {
            writer.WriteNumber("cost", rule.Cost);
        }

        writer.WriteString("scope", NameOf(ScopeNames, rule.Scope));
        writer.WriteString("mode", NameOf(ModeNames, rule.Mode));
        if (rule.OnMissingKey != MissingKeyBehavior.Empty)
        {
            writer.WriteString("onMissingKey", NameOf(MissingKeyNames, rule.OnMissingKey));
        }

        writer.WriteEndObject();
    }

    private static readonly (string Name, RateLimitAlgorithm Value)[] AlgorithmNames =
        [("token-bucket", RateLimitAlgorithm.TokenBucket), ("fixed-window", RateLimitAlgorithm.FixedWindow)];

    private static readonly (string Name, RuleScope Value)[] ScopeNames = [("local", RuleScope.Local), ("shared", RuleScope.Shared)];

    private static readonly (string Name, RuleMode Value)[] ModeNames = [("enforce", RuleMode.Enforce), ("shadow", RuleMode.Shadow)];

    private static readonly (string Name, MissingKeyBehavior Value)[] MissingKeyNames =
        [("empty", MissingKeyBehavior.Empty), ("skip", MissingKeyBehavior.Skip)];

    /// <summary>Reads a rule as far as it goes; what cannot be read is left invalid.</summary>
    private static RateLimitRule Read(JsonElement element, string path, ICollection<RuleError> errors)
    {
        List<RuleError> unreadable = [];
        JsonMembers members = new(element, path, unreadable);
        RateLimitRule rule = new()
        {
            Name = members.ReadString("name", required: true) ?? "",
            Match = members.ReadObject("match") is { } match ? ReadMatch(match, $"{path}.match", unreadable) : null,
            Key = members.ReadStrings("key", required: true),
            Algorithm = members.ReadChoice("algorithm", AlgorithmNames, RateLimitAlgorithm.TokenBucket),
            Limit = members.ReadInteger("limit", required: true) ?? -1,
            Window = members.ReadDuration("window", required: true) ?? TimeSpan.Zero,
            Burst = members.ReadInteger("burst"),
            Cost = members.ReadInteger("cost") ?? 1,
            Scope = members.ReadChoice("scope", ScopeNames, RuleScope.Local),
            Mode = members.ReadChoice("mode", ModeNames, RuleMode.Enforce),
            OnMissingKey = members.ReadChoice("onMissingKey", MissingKeyNames, MissingKeyBehavior.Empty),
        };
        members.RejectUnknown();
        unreadable.ForEach(errors.Add);
        if (members.IsObject)
        {
            List<RuleError> invalid = [];
            RuleValidation.Validate(rule, path, invalid);
            invalid.RemoveAll(error => IsReported(error));
            invalid.ForEach(errors.Add);
        }

        return rule;

        // A member that is missing or could not be read is invalid too, but has been reported.
        bool IsReported(RuleError error)
        {
            string member = error.Path[(path.Length + 1)..].Split('[')[0];
            return !element.TryGetProperty(member, out JsonElement value)
                || value.ValueKind == JsonValueKind.Null
                || unreadable.Exists(e => $"{e.Path}[".StartsWith($"{error.Path}[", StringComparison.Ordinal));
        }
    }

    private static RuleMatch ReadMatch(JsonElement element, string path, ICollection<RuleError> errors)
    {
        JsonMembers members = new(element, path, errors);
        RuleMatch match = new()
        {
            Path = members.ReadString("path"),
            Methods = members.ReadStrings("methods"),
            Hosts = members.ReadStrings("hosts"),
            Headers = members.ReadStringMap("headers"),
            Endpoint = members.ReadBoolean("endpoint") ?? false,
        };
        members.RejectUnknown();
        return match;
    }

    private static void WriteStrings(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static string NameOf<T>((string Name, T Value)[] names, T value)
        where T : struct, Enum => Array.Find(names, n => n.Value.Equals(value)).Name;
}

using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>What a rule document says at one moment.</summary>
internal sealed record RuleContent(IReadOnlyList<RateLimitRule> Rules, IReadOnlyList<RuleOverride> Overrides, RuleMode Mode)
{
    public IEnumerable<string> RuleNames => Rules.Select(rule => rule.Name);

    public static RuleContent Of(RuleSet rules) => new([.. rules], rules.Overrides, rules.Mode);

    public RuleSet ToRuleSet() => new(Rules, Overrides, Mode);

    /// <summary>The same without overrides whose time is over.</summary>
    public RuleContent WithoutExpired(DateTimeOffset now) =>
        this with { Overrides = [.. Overrides.Where(value => !(value.ExpiresAt <= now))] };

    /// <summary>Where a rule is; -1 if there is none of this name.</summary>
    public int IndexOf(string rule)
    {
        for (int i = 0; i < Rules.Count; i++)
        {
            if (Rules[i].Name == rule)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Where the override for a key is; -1 if there is none.</summary>
    public int IndexOf(string rule, IReadOnlyList<string> key)
    {
        for (int i = 0; i < Overrides.Count; i++)
        {
            if (Overrides[i].Rule == rule && Overrides[i].Key.SequenceEqual(key))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A rule as JSON; <see langword="null"/> if there is none of this name.</summary>
    public string? TextOf(string rule) =>
        IndexOf(rule) is >= 0 and var index ? JsonText.Of(writer => RuleJson.WriteRule(writer, Rules[index])) : null;

    /// <summary>An override as JSON; <see langword="null"/> if there is none for this key.</summary>
    public string? TextOf(string rule, IReadOnlyList<string> key) =>
        IndexOf(rule, key) is >= 0 and var index ? JsonText.Of(writer => RuleJson.WriteOverride(writer, Overrides[index])) : null;

    /// <summary>Writes the members that a command takes which replaces everything.</summary>
    public void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("mode", RuleJson.NameOf(Mode));
        writer.WriteStartArray("rules");
        foreach (RateLimitRule rule in Rules)
        {
            RuleJson.WriteRule(writer, rule);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("overrides");
        foreach (RuleOverride value in Overrides)
        {
            RuleJson.WriteOverride(writer, value);
        }

        writer.WriteEndArray();
    }

    /// <summary>Reads what <see cref="WriteMembers"/> writes.</summary>
    /// <param name="members">The members.</param>
    /// <param name="path">Their JSON path.</param>
    /// <param name="errors">Receives what is wrong; then the result is not to be used.</param>
    public static RuleContent Read(JsonMembers members, string path, ICollection<RuleError> errors)
    {
        RuleMode mode = RuleJson.ReadMode(members, RuleMode.Enforce);
        IReadOnlyList<RateLimitRule> rules =
            members.ReadElement("rules", required: true) is { } array ? RuleJson.ReadRules(array, $"{path}.rules", errors) : [];
        IReadOnlyList<RuleOverride> overrides =
            members.ReadElement("overrides") is { } list ? RuleJson.ReadOverrides(list, rules, $"{path}.overrides", errors) : [];
        return new RuleContent(rules, overrides, mode);
    }

    /// <summary>Makes sure that each override is still good for its rule.</summary>
    /// <param name="cause">What has changed.</param>
    /// <exception cref="CommandException">One is not.</exception>
    public void CheckOverrides(string cause)
    {
        List<RuleError> errors = [];
        OverrideValidation.Validate(Overrides, Rules, "", errors);
        if (errors.Count > 0)
        {
            RuleError first = errors[0];
            RuleOverride value = Overrides[int.Parse(first.Path.AsSpan(1, first.Path.IndexOf(']', StringComparison.Ordinal) - 1), null)];
            throw new CommandException(
                CommandError.Conflict,
                $"{cause} would leave the override for the key {string.Join(" ", value.Key)} wrong: {first.Path.AsSpan(first.Path.IndexOf(']', StringComparison.Ordinal) + 1).TrimStart('.')} {first.Message}; delete it first, or import both at once");
        }
    }
}

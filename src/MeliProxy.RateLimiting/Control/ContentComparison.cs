using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>Tells the differences of two contents, and takes them back.</summary>
internal static class ContentComparison
{
    public static IReadOnlyList<RuleDifference> Compare(RuleContent before, RuleContent after)
    {
        List<RuleDifference> differences = [];
        CompareRules(before, after, differences);
        CompareOverrides(before, after, differences);
        if (before.Mode != after.Mode)
        {
            differences.Add(new RuleDifference(RuleDifference.Mode, null, null, null, ModeText(before.Mode), ModeText(after.Mode)));
        }

        return differences;
    }

    /// <summary>What there was before some differences.</summary>
    /// <param name="after">What there was after them.</param>
    /// <param name="differences">The differences.</param>
    /// <exception cref="CommandException">They are not differences of this content.</exception>
    public static RuleContent TakeBack(RuleContent after, IReadOnlyList<RuleDifference> differences)
    {
        List<RateLimitRule> rules = [.. after.Rules];
        List<RuleOverride> overrides = [.. after.Overrides];
        RuleMode mode = after.Mode;

        // Rules that were added go first, so that those which are gone come back to where they were.
        foreach (RuleDifference difference in differences.OrderBy(d => d.Before is null ? 0 : 1).ThenBy(d => d.Position ?? -1))
        {
            switch (difference.Kind)
            {
                case RuleDifference.Rule:
                    TakeBackRule(rules, difference);
                    break;
                case RuleDifference.Override:
                    TakeBackOverride(overrides, difference);
                    break;
                case RuleDifference.Mode:
                    mode = difference.Before == ModeText(RuleMode.Shadow) ? RuleMode.Shadow : RuleMode.Enforce;
                    break;
            }
        }

        if (differences.FirstOrDefault(d => d.Kind == RuleDifference.Order) is { Before: { } order })
        {
            List<string> names = [.. Parse(order, (element, errors) => ReadNames(element, errors))];
            rules = [.. rules.OrderBy(rule => names.IndexOf(rule.Name) is >= 0 and var index ? index : int.MaxValue)];
        }

        return new RuleContent(rules, overrides, mode);
    }

    private static void CompareRules(RuleContent before, RuleContent after, List<RuleDifference> differences)
    {
        for (int i = 0; i < before.Rules.Count; i++)
        {
            string name = before.Rules[i].Name;
            string? text = after.TextOf(name);
            string old = before.TextOf(name)!;
            if (text != old)
            {
                differences.Add(new RuleDifference(RuleDifference.Rule, name, null, text is null ? i : null, old, text));
            }
        }

        foreach (string name in after.RuleNames.Where(name => before.IndexOf(name) < 0))
        {
            differences.Add(new RuleDifference(RuleDifference.Rule, name, null, null, null, after.TextOf(name)));
        }

        string[] kept = [.. before.RuleNames.Where(name => after.IndexOf(name) >= 0)];
        if (!kept.Concat(after.RuleNames.Where(name => before.IndexOf(name) < 0)).SequenceEqual(after.RuleNames))
        {
            differences.Add(new RuleDifference(
                RuleDifference.Order, null, null, null, NamesText(before.RuleNames), NamesText(after.RuleNames)));
        }
    }

    private static void CompareOverrides(RuleContent before, RuleContent after, List<RuleDifference> differences)
    {
        Dictionary<string, RuleOverride> old = before.Overrides.ToDictionary(OverrideValidation.Identity);
        Dictionary<string, RuleOverride> now = after.Overrides.ToDictionary(OverrideValidation.Identity);
        foreach ((string identity, RuleOverride value) in old)
        {
            string? text = now.TryGetValue(identity, out RuleOverride? next) ? OverrideText(next) : null;
            if (text != OverrideText(value))
            {
                differences.Add(new RuleDifference(RuleDifference.Override, value.Rule, value.Key, null, OverrideText(value), text));
            }
        }

        foreach ((string identity, RuleOverride value) in now)
        {
            if (!old.ContainsKey(identity))
            {
                differences.Add(new RuleDifference(RuleDifference.Override, value.Rule, value.Key, null, null, OverrideText(value)));
            }
        }
    }

    private static void TakeBackRule(List<RateLimitRule> rules, RuleDifference difference)
    {
        int index = rules.FindIndex(rule => rule.Name == difference.Name);
        if (difference.Before is not { } text)
        {
            if (index >= 0)
            {
                rules.RemoveAt(index);
            }

            return;
        }

        RateLimitRule before = Parse(text, (element, errors) => RuleJson.ReadRule(element, "$", errors)!);
        if (index >= 0)
        {
            rules[index] = before;
        }
        else
        {
            rules.Insert(Math.Clamp(difference.Position ?? rules.Count, 0, rules.Count), before);
        }
    }

    private static void TakeBackOverride(List<RuleOverride> overrides, RuleDifference difference)
    {
        int index = overrides.FindIndex(value => value.Rule == difference.Name && value.Key.SequenceEqual(difference.Key ?? []));
        if (index >= 0)
        {
            overrides.RemoveAt(index);
        }

        if (difference.Before is { } text)
        {
            overrides.Insert(
                index >= 0 ? index : overrides.Count, Parse(text, (element, errors) => RuleJson.ReadOverride(element, "$", errors)!));
        }
    }

    private static T Parse<T>(string json, Func<JsonElement, List<RuleError>, T> read)
    {
        List<RuleError> errors = [];
        T result = read(JsonElement.Parse(json), errors);
        CommandException.ThrowIfAny(CommandError.UnknownRevision, errors);
        return result;
    }

    private static string[] ReadNames(JsonElement element, List<RuleError> errors)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            errors.Add(new RuleError("$", "must be an array of names"));
            return [];
        }

        return [.. element.EnumerateArray().Select(item => item.ToString())];
    }

    private static string ModeText(RuleMode mode) => JsonText.Of(writer => writer.WriteStringValue(RuleJson.NameOf(mode)));

    private static string OverrideText(RuleOverride value) => JsonText.Of(writer => RuleJson.WriteOverride(writer, value));

    private static string NamesText(IEnumerable<string> names) => JsonText.Of(writer =>
    {
        writer.WriteStartArray();
        foreach (string name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    });
}

using System.Globalization;
using System.Text;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>Checks overrides against the rules they are for.</summary>
internal static class OverrideValidation
{
    /// <summary>
    /// Adds to <paramref name="errors"/> all that is wrong with overrides; <paramref name="path"/> is the JSON path of their list. What is
    /// wrong with the rules is not told again.
    /// </summary>
    public static void Validate(
        IReadOnlyList<RuleOverride> overrides, IReadOnlyList<RateLimitRule> rules, string path, ICollection<RuleError> errors)
    {
        if (overrides.Count == 0)
        {
            return;
        }

        Dictionary<string, RateLimitRule> byName = new(StringComparer.Ordinal);
        foreach (RateLimitRule rule in rules)
        {
            if (!string.IsNullOrEmpty(rule?.Name))
            {
                byName.TryAdd(rule.Name, rule);
            }
        }

        // The one that is looked for may be a rule whose name could not be read.
        bool allHaveNames = rules.All(rule => !string.IsNullOrEmpty(rule?.Name));
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < overrides.Count; i++)
        {
            string itemPath = $"{path}[{i}]";
            if (overrides[i] is not { } item)
            {
                errors.Add(new RuleError(itemPath, "must be an override"));
            }
            else if (item.Rule is null || !byName.TryGetValue(item.Rule, out RateLimitRule? rule))
            {
                if (string.IsNullOrEmpty(item.Rule) || allHaveNames)
                {
                    errors.Add(new RuleError($"{itemPath}.rule", DescribeMissing(item.Rule, byName.Keys)));
                }
            }
            else
            {
                ValidateLimit(item, rule, itemPath, errors);
                if (ValidateKey(item, rule, itemPath, errors) && !seen.TryAdd(Identity(item), i))
                {
                    errors.Add(new RuleError(
                        itemPath, $"the rule '{rule.Name}' has an override for this key already, {path}[{seen[Identity(item)]}]"));
                }
            }
        }
    }

    /// <summary>Says that there is no such rule, and which one may be meant.</summary>
    public static string DescribeMissing(string? name, IEnumerable<string> known) =>
        string.IsNullOrEmpty(name) ? "must be the name of a rule"
        : Spelling.Nearest(name, known) is { } near ? $"there is no rule '{name}'; did you mean '{near}'?"
        : $"there is no rule '{name}'";

    private static bool ValidateKey(RuleOverride item, RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        if (rule.Key is not { Count: > 0 } parts)
        {
            return false;
        }

        if (item.Key is null || item.Key.Count != parts.Count)
        {
            errors.Add(new RuleError($"{path}.key", $"must have a value for each key part of '{rule.Name}': {string.Join(", ", parts)}"));
            return false;
        }

        if (item.Key.Sum(value => (long)(value?.Length ?? 0) + 1) > PartitionKeyWriter.MaxLength)
        {
            errors.Add(new RuleError(
                $"{path}.key", $"must have at most {PartitionKeyWriter.MaxLength} characters, with one more for each part"));
            return false;
        }

        bool isValid = true;
        for (int i = 0; i < item.Key.Count; i++)
        {
            if (item.Key[i] is null)
            {
                errors.Add(new RuleError($"{path}.key[{i}]", "must be a value; use \"\" for a part that is missing"));
                isValid = false;
            }
        }

        return isValid;
    }

    private static void ValidateLimit(RuleOverride item, RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        if (item.Limit is null or 0)
        {
            if (item.Burst is not null)
            {
                errors.Add(new RuleError($"{path}.burst", "must be left out where the limit is 0 or unlimited"));
            }

            return;
        }

        List<RuleError> found = [];
        RuleValidation.ValidateNumbers(rule with { Limit = item.Limit.Value, Burst = item.Burst }, path, found);
        foreach (RuleError error in found.Where(e => e.Path == $"{path}.limit" || e.Path == $"{path}.burst"))
        {
            errors.Add(error);
        }

        if (found.Exists(e => e.Path == $"{path}.cost") && HasValidCost(rule))
        {
            string member = item.Burst is null ? "limit" : "burst";
            errors.Add(new RuleError(
                $"{path}.{member}", $"must be {rule.Cost} or more, which is the cost of '{rule.Name}'; less could never be allowed"));
        }
    }

    private static bool HasValidCost(RateLimitRule rule)
    {
        List<RuleError> errors = [];
        RuleValidation.ValidateNumbers(rule, "$", errors);
        return !errors.Exists(e => e.Path == "$.cost");
    }

    /// <summary>A text that two overrides share only if they are for the same rule and key.</summary>
    public static string Identity(RuleOverride item)
    {
        StringBuilder text = new(item.Rule);
        foreach (string value in item.Key)
        {
            text.Append(CultureInfo.InvariantCulture, $"|{value.Length}:{value}");
        }

        return text.ToString();
    }
}

using System.Buffers;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>Checks rules for everything that does not depend on the kind of resource.</summary>
internal static partial class RuleValidation
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <summary>Adds to <paramref name="errors"/> all that is wrong; <paramref name="path"/> is the JSON path of the list.</summary>
    public static void Validate(IReadOnlyList<RateLimitRule> rules, string path, ICollection<RuleError> errors)
    {
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < rules.Count; i++)
        {
            string rulePath = $"{path}[{i}]";
            if (rules[i] is not { } rule)
            {
                errors.Add(new RuleError(rulePath, "must be a rule"));
                continue;
            }

            Validate(rule, rulePath, errors);
            if (rule.Name is not null && !seen.TryAdd(rule.Name, i))
            {
                errors.Add(new RuleError($"{rulePath}.name", $"the name '{rule.Name}' is already taken by {path}[{seen[rule.Name]}]"));
            }
        }
    }

    /// <summary>Checks one rule; <paramref name="path"/> is its JSON path.</summary>
    public static void Validate(RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        ValidateName(rule.Name, path, errors);
        ValidateKey(rule.Key, path, errors);
        ValidateWord(rule.Algorithm, "algorithm", path, errors);
        ValidateWord(rule.Scope, "scope", path, errors);
        ValidateWord(rule.Mode, "mode", path, errors);
        ValidateWord(rule.OnMissingKey, "onMissingKey", path, errors);
        ValidateWord(rule.OnError, "onError", path, errors);
        ValidateNumbers(rule, path, errors);
        ValidateSharing(rule, path, errors);
        ValidateTimeZone(rule, path, errors);
        ValidateCharge(rule, path, errors);
        ValidateQueue(rule.Queue, $"{path}.queue", errors);
        ValidateEntries(rule.Allow, $"{path}.allow", errors);
        ValidateEntries(rule.Deny, $"{path}.deny", errors);
        if (rule.EnforcePercent is < 0 or > 100)
        {
            errors.Add(new RuleError($"{path}.enforcePercent", "must be from 0 to 100"));
        }
    }

    public static void ValidateWord<T>(T word, string member, string path, ICollection<RuleError> errors)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(word))
        {
            errors.Add(new RuleError($"{path}.{member}", $"'{word}' is unknown"));
        }
    }

    private static void ValidateName(string name, string path, ICollection<RuleError> errors)
    {
        if (name is not { Length: >= 1 and <= RateLimitRule.MaxNameLength }
            || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            errors.Add(new RuleError(
                $"{path}.name",
                $"a rule's name has 1 to {RateLimitRule.MaxNameLength} characters of a-z, A-Z, 0-9, '.', '_' and '-'"));
        }
    }

    private static void ValidateKey(IReadOnlyList<string> key, string path, ICollection<RuleError> errors)
    {
        if (key is not { Count: >= 1 and <= RateLimitRule.MaxKeyParts })
        {
            errors.Add(new RuleError(
                $"{path}.key",
                $"a key has 1 to {RateLimitRule.MaxKeyParts} parts; use [\"global\"] to count everything together"));
            return;
        }

        for (int i = 0; i < key.Count; i++)
        {
            if (string.IsNullOrEmpty(key[i]))
            {
                errors.Add(new RuleError($"{path}.key[{i}]", "a key part has a name"));
                continue;
            }

            for (int j = 0; j < i; j++)
            {
                if (key[i] == key[j])
                {
                    errors.Add(new RuleError($"{path}.key[{i}]", $"the part '{key[i]}' is already in the key"));
                    break;
                }
            }
        }
    }
}

using System.Buffers;
using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>Checks rules for everything that does not depend on the kind of resource.</summary>
internal static class RuleValidation
{
    private const long MaxPermitsPerSecond = 10_000_000;

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
        ValidateLimit(rule, path, errors);
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

    private static void ValidateLimit(RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        bool windowIsValid = rule.Window >= RateLimitRule.MinWindow && rule.Window <= RateLimitRule.MaxWindow
            && rule.Window.Ticks % TimeSpan.TicksPerMillisecond == 0;
        if (!windowIsValid)
        {
            errors.Add(new RuleError($"{path}.window", "must be from 1ms to 366d, in whole milliseconds"));
        }

        // What another member bounds is checked against it only if that one is valid, so that no error is a mere consequence.
        long maxLimit = windowIsValid ? MaxLimit(rule) : long.MaxValue;
        bool limitIsValid = rule.Limit >= 0 && rule.Limit <= maxLimit;
        if (!limitIsValid)
        {
            errors.Add(new RuleError(
                $"{path}.limit",
                windowIsValid
                    ? $"must be from 0 (reject everything) to {maxLimit} for a window of {DurationText.Format(rule.Window)}"
                    : "must be 0 (reject everything) or more"));
        }

        bool burstIsValid = ValidateBurst(rule, windowIsValid && limitIsValid, path, errors);

        // A limit of 0 rejects everything, so the cost cannot be too high for it.
        long maxCost = limitIsValid && burstIsValid && rule.Limit > 0 ? rule.Capacity : long.MaxValue;
        if (rule.Cost < 1 || rule.Cost > maxCost)
        {
            errors.Add(new RuleError(
                $"{path}.cost",
                maxCost == long.MaxValue
                    ? "must be 1 or more"
                    : $"must be from 1 to {maxCost}, the most that a key can hold; more could never be allowed"));
        }
    }

    private static bool ValidateBurst(RateLimitRule rule, bool rateIsValid, string path, ICollection<RuleError> errors)
    {
        if (rule.Burst is not { } burst)
        {
            return true;
        }

        if (rule.Algorithm == RateLimitAlgorithm.FixedWindow)
        {
            errors.Add(new RuleError($"{path}.burst", "only a token-bucket has a burst"));
            return false;
        }

        long maxBurst = rateIsValid ? TokenBucketLimit.MaxBurst(rule.Limit, rule.Window) : long.MaxValue;
        if (burst < 1 || burst > maxBurst)
        {
            errors.Add(new RuleError(
                $"{path}.burst",
                maxBurst == long.MaxValue
                    ? "must be 1 or more"
                    : $"must be from 1 to {maxBurst}: a full burst has to refill within {DurationText.Format(RateLimitRule.MaxWindow)}"));
            return false;
        }

        return true;
    }

    private static long MaxLimit(RateLimitRule rule) => Math.Min(
        (long)(MaxPermitsPerSecond * (Int128)rule.Window.Ticks / TimeSpan.TicksPerSecond),
        rule.Algorithm == RateLimitAlgorithm.FixedWindow ? WindowLayout.For(rule.Window).MaxCount / 2 : long.MaxValue);

    internal static void ValidateWord<T>(T word, string member, string path, ICollection<RuleError> errors)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(word))
        {
            errors.Add(new RuleError($"{path}.{member}", $"'{word}' is unknown"));
        }
    }
}

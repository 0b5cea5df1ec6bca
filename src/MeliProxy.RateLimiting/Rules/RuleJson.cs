using System.Globalization;
using System.Text.Json;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>Rules and overrides as JSON: the one form used in configuration files, commands and answers.</summary>
public static partial class RuleJson
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
            Limit = members.ReadInteger("limit", required: true) ?? -1,
            Algorithm = members.ReadChoice(
                "algorithm", AlgorithmNames, RateLimitAlgorithm.TokenBucket, wrong: (RateLimitAlgorithm)(-1)),
            Calendar = members.ReadChoice("calendar", CalendarNames, absent: null, wrong: (CalendarPeriod)(-1)),
            TimeZone = members.ReadString("timeZone"),
            Burst = members.ReadInteger("burst"),
            Cost = members.ReadInteger("cost") ?? 1,
            Charge = members.ReadString("charge") ?? (IsGiven(element, ".charge") ? "" : null),
            Queue = members.ReadObject("queue") is { } queue ? ReadQueue(queue, $"{path}.queue", unreadable) : null,
            Allow = members.ReadStrings("allow"),
            Deny = members.ReadStrings("deny"),
            Scope = members.ReadChoice("scope", ScopeNames, RuleScope.Local),
            OnPartition = members.ReadChoice("onPartition", PartitionNames, PartitionBehavior.Share),
            ColdStart = members.ReadChoice("coldStart", ColdStartNames, ColdStartBehavior.Optimistic),
            Mode = members.ReadChoice("mode", ModeNames, RuleMode.Enforce),
            EnforcePercent = (int)Math.Clamp(members.ReadInteger("enforcePercent") ?? 100, -1, 101),
            OnMissingKey = members.ReadChoice("onMissingKey", MissingKeyNames, MissingKeyBehavior.Empty),
            OnError = members.ReadChoice("onError", ErrorNames, RuleErrorBehavior.Open),
        };
        rule = rule with { Window = ReadWindow(members, NeedsWindow(rule)) };
        members.RejectUnknown();
        unreadable.ForEach(errors.Add);
        if (members.IsObject)
        {
            List<RuleError> invalid = [];
            RuleValidation.Validate(rule, path, invalid);
            AddUnreported(invalid, element, path, unreadable, errors);
        }

        return rule;
    }

    private static bool NeedsWindow(RateLimitRule rule) =>
        Enum.IsDefined(rule.Algorithm) && rule.Algorithm != RateLimitAlgorithm.Concurrency && rule.Calendar is null;

    /// <summary>Reads a window. One of no length is not valid anywhere, also where none has to be given.</summary>
    private static TimeSpan ReadWindow(JsonMembers members, bool required) => members.ReadDuration("window", required) switch
    {
        null => TimeSpan.Zero,
        { Ticks: 0 } => TimeSpan.MinValue,
        { } window => window,
    };

    private static RuleQueue ReadQueue(JsonElement element, string path, ICollection<RuleError> errors)
    {
        JsonMembers members = new(element, path, errors);
        RuleQueue queue = new()
        {
            Limit = (int)Math.Clamp(members.ReadInteger("limit", required: true) ?? 0, 0, RuleQueue.MaxLimit + 1),
            MaxWait = members.ReadDuration("maxWait", required: true) ?? TimeSpan.Zero,
        };
        members.RejectUnknown();
        return queue;
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

    /// <summary>
    /// Adds what is invalid, except for members that are missing or could not be read: they are invalid too, but have been reported.
    /// </summary>
    private static void AddUnreported(
        List<RuleError> invalid, JsonElement root, string rootPath, List<RuleError> unreadable, ICollection<RuleError> errors)
    {
        foreach (RuleError error in invalid)
        {
            bool isReported = !IsGiven(root, error.Path.AsSpan(rootPath.Length))
                || unreadable.Exists(e => $"{e.Path}[".StartsWith($"{error.Path}[", StringComparison.Ordinal));
            if (!isReported)
            {
                errors.Add(error);
            }
        }
    }

    /// <summary>Whether there is something at a path such as <c>.queue.limit</c> or <c>[2].key[0]</c>.</summary>
    private static bool IsGiven(JsonElement element, ReadOnlySpan<char> path)
    {
        while (path.Length > 0)
        {
            int end = path[1..].IndexOfAny('.', '[') + 1;
            ReadOnlySpan<char> step = end == 0 ? path : path[..end];
            path = path[step.Length..];
            if (step[0] == '[')
            {
                element = element[int.Parse(step[1..^1], CultureInfo.InvariantCulture)];
            }
            else if (!TryGetMember(element, step[1..], out element))
            {
                return false;
            }
        }

        return element.ValueKind != JsonValueKind.Null;
    }

    private static bool TryGetMember(JsonElement element, ReadOnlySpan<char> name, out JsonElement value)
    {
        value = default;
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            // A name with half a surrogate pair is in the way, and has been reported.
            return false;
        }
    }
}

using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <summary>
/// Reads the rules. Where one member of a rule is wrong, something harmless is put in its place and the rule is read again, so that a
/// second mistake in the same rule is found in the same run.
/// </summary>
internal sealed class RulesReader
{
    private const string Path = "$.rules";

    private readonly Action<IReadOnlyList<RateLimitRule>, ICollection<RuleError>>? _check;
    private readonly ICollection<RuleError> _errors;
    private readonly ICollection<RuleError> _warnings;

    public RulesReader(
        Action<IReadOnlyList<RateLimitRule>, ICollection<RuleError>>? check,
        ICollection<RuleError> errors,
        ICollection<RuleError> warnings)
    {
        _check = check;
        _errors = errors;
        _warnings = warnings;
    }

    /// <returns>The rules; to be used only if no error was added.</returns>
    public IReadOnlyList<RateLimitRule> Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            return RuleJson.ReadRules(element, Path, _errors);
        }

        List<RateLimitRule> rules = [];
        List<int> positions = [];
        Dictionary<string, int> names = new(StringComparer.Ordinal);
        int position = 0;
        foreach (JsonElement item in element.EnumerateArray())
        {
            string itemPath = $"{Path}[{position}]";
            if (ReadRepaired(item, itemPath) is { } rule)
            {
                if (!names.TryAdd(rule.Name, position))
                {
                    _errors.Add(new RuleError($"{itemPath}.name", $"the name '{rule.Name}' is already taken by {Path}[{names[rule.Name]}]"));
                    rule = rule with { Name = StandInName(position) };
                }

                if (rule.Scope == RuleScope.Shared)
                {
                    _warnings.Add(new RuleError($"{itemPath}.scope", $"this version counts the shared rule '{rule.Name}' in this process only"));
                }

                rules.Add(rule);
                positions.Add(position);
            }

            position++;
        }

        Check(rules, positions);
        return rules;
    }

    private void Check(List<RateLimitRule> rules, List<int> positions)
    {
        if (_check is null)
        {
            return;
        }

        List<RuleError> found = [];
        try
        {
            _check(rules, found);
        }
        catch (InvalidRulesException e)
        {
            found.AddRange(e.Errors);
        }

        foreach (RuleError error in found)
        {
            _errors.Add(error with { Path = Reposition(error.Path, positions) });
        }
    }

    /// <summary>Turns the position among the rules that could be read into that among all.</summary>
    private static string Reposition(string path, List<int> positions)
    {
        int start = Path.Length + 1;
        int end = path.IndexOf(']', StringComparison.Ordinal);
        return path.StartsWith($"{Path}[", StringComparison.Ordinal)
            && end > start
            && int.TryParse(path.AsSpan(start..end), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && index < positions.Count
            ? $"{Path}[{positions[index]}{path[end..]}"
            : path;
    }

    private RateLimitRule? ReadRepaired(JsonElement item, string path)
    {
        List<RuleError> found = [];
        RateLimitRule? rule = RuleJson.ReadRule(item, path, found);
        AddNew(found);
        if (rule is not null || item.ValueKind != JsonValueKind.Object)
        {
            return rule;
        }

        JsonObject repaired = JsonObject.Create(item)!;
        HashSet<string> done = new(StringComparer.Ordinal);
        while (rule is null)
        {
            List<string> wrong = [.. found.Select(e => MemberOf(e, path)).Where(done.Add)];
            if (wrong.Count == 0)
            {
                break;
            }

            foreach (string member in wrong)
            {
                Repair(repaired, member, path);
            }

            found.Clear();
            rule = RuleJson.ReadRule(ToElement(repaired), path, found);
            AddNew(found);
        }

        return rule;
    }

    private void AddNew(List<RuleError> found)
    {
        foreach (RuleError error in found.Where(e => !_errors.Contains(e)))
        {
            _errors.Add(error);
        }
    }

    /// <summary>The member that an error is about: <c>limit</c> of <c>$.rules[0].limit</c> and of "'limit' is missing".</summary>
    private static string MemberOf(RuleError error, string path)
    {
        if (error.Path.Length > path.Length)
        {
            string member = error.Path[(path.Length + 1)..];
            int end = member.AsSpan().IndexOfAny('.', '[');
            return end < 0 ? member : member[..end];
        }

        return error.Message.Split('\'') is [_, var missing, ..] ? missing : "";
    }

    private static void Repair(JsonObject rule, string member, string path)
    {
        switch (member)
        {
            case "name":
                rule["name"] = StandInName(int.Parse(path.AsSpan()[(Path.Length + 1)..^1], CultureInfo.InvariantCulture));
                break;
            case "key":
                rule["key"] = new JsonArray("global");
                break;
            case "limit":
                ReplaceLimit(rule);
                break;
            case "window":
                // Whether another limit fits depends on the window, except one that fits none.
                rule["window"] = "1s";
                if (rule["limit"] is not JsonValue limit || !limit.TryGetValue(out long value) || value >= 0)
                {
                    ReplaceLimit(rule);
                }

                break;
            default:
                rule.Remove(member);
                break;
        }
    }

    private static void ReplaceLimit(JsonObject rule)
    {
        rule["limit"] = 1;
        rule.Remove("burst");
        rule.Remove("cost");
    }

    private static string StandInName(int position) => string.Create(CultureInfo.InvariantCulture, $"rules.{position}");

    private static JsonElement ToElement(JsonObject rule)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            rule.WriteTo(writer);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}

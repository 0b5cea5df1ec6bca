using System.Text.Json;

namespace MeliProxy.RateLimiting.Rules;

/// <content>Writing of rules.</content>
public static partial class RuleJson
{
    /// <summary>Writes a rule as a JSON object that <see cref="ReadRule"/> reads; members with default values are left out.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="rule">The rule.</param>
    public static void WriteRule(Utf8JsonWriter writer, RateLimitRule rule)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(rule);
        writer.WriteStartObject();
        WriteRuleMembers(writer, rule);
        writer.WriteEndObject();
    }

    internal static void WriteRuleMembers(Utf8JsonWriter writer, RateLimitRule rule)
    {
        writer.WriteString("name", rule.Name);
        if (rule.Match is { } match)
        {
            WriteMatch(writer, match);
        }

        WriteStrings(writer, "key", rule.Key);
        writer.WriteString("algorithm", NameOf(AlgorithmNames, rule.Algorithm));
        writer.WriteNumber("limit", rule.Limit);
        WriteWindow(writer, rule);
        WriteCost(writer, rule);
        WriteStrings(writer, "allow", rule.Allow);
        WriteStrings(writer, "deny", rule.Deny);
        writer.WriteString("scope", NameOf(ScopeNames, rule.Scope));
        if (rule.OnPartition != PartitionBehavior.Share)
        {
            writer.WriteString("onPartition", NameOf(PartitionNames, rule.OnPartition));
        }

        if (rule.ColdStart != ColdStartBehavior.Optimistic)
        {
            writer.WriteString("coldStart", NameOf(ColdStartNames, rule.ColdStart));
        }

        writer.WriteString("mode", NameOf(ModeNames, rule.Mode));
        if (rule.EnforcePercent != 100)
        {
            writer.WriteNumber("enforcePercent", rule.EnforcePercent);
        }

        if (rule.OnMissingKey != MissingKeyBehavior.Empty)
        {
            writer.WriteString("onMissingKey", NameOf(MissingKeyNames, rule.OnMissingKey));
        }

        if (rule.OnError != RuleErrorBehavior.Open)
        {
            writer.WriteString("onError", NameOf(ErrorNames, rule.OnError));
        }
    }

    private static void WriteMatch(Utf8JsonWriter writer, RuleMatch match)
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

    private static void WriteWindow(Utf8JsonWriter writer, RateLimitRule rule)
    {
        if (rule.Window != TimeSpan.Zero)
        {
            writer.WriteString("window", DurationText.Format(rule.Window));
        }

        if (rule.Calendar is { } calendar)
        {
            writer.WriteString("calendar", NameOf(calendar));
        }

        if (rule.TimeZone is { } timeZone)
        {
            writer.WriteString("timeZone", timeZone);
        }
    }

    private static void WriteCost(Utf8JsonWriter writer, RateLimitRule rule)
    {
        if (rule.Burst is { } burst)
        {
            writer.WriteNumber("burst", burst);
        }

        if (rule.Cost != 1)
        {
            writer.WriteNumber("cost", rule.Cost);
        }

        if (rule.Charge is { } charge)
        {
            writer.WriteString("charge", charge);
        }

        if (rule.Queue is { } queue)
        {
            writer.WriteStartObject("queue");
            writer.WriteNumber("limit", queue.Limit);
            writer.WriteString("maxWait", DurationText.Format(queue.MaxWait));
            writer.WriteEndObject();
        }
    }

    private static void WriteStrings(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            WriteList(writer, name, values);
        }
    }

    internal static void WriteList(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}

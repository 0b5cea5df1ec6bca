using System.Globalization;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Commands;

/// <summary>What one rule would make of a request, in the four columns that <c>meliproxy explain</c> prints.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Applies">Whether it applies, or why not.</param>
/// <param name="Key">The key that it counts the request by.</param>
/// <param name="Outcome">What it would decide, and by which limit.</param>
internal sealed record ExplanationRow(string Rule, string Applies, string Key, string Outcome)
{
    /// <summary>Puts an explanation into words.</summary>
    /// <param name="explanation">The explanation.</param>
    /// <param name="mode">The mode of the whole set of rules.</param>
    public static ExplanationRow Of(RuleExplanation explanation, RuleMode mode)
    {
        RateLimitRule rule = explanation.Rule;
        string key = string.Join(' ', rule.Key.Zip(
            explanation.Key, (part, value) => part == "global" ? part : $"{part}={(value is null ? "(missing)" : PrintableText.Of(value))}"));
        return explanation.Applicability switch
        {
            RuleApplicability.NotMatched => new(rule.Name, "does not match", "", ""),
            RuleApplicability.KeyMissing => new(rule.Name, "skips, part of its key is missing", key, ""),
            RuleApplicability.Exempt => new(rule.Name, "exempt by allow", key, ""),
            RuleApplicability.Denied => new(rule.Name, "denied by deny", key, Decide(explanation, mode)),
            RuleApplicability.Failed => new(
                rule.Name, "fails", key, $"{Decide(explanation, mode)}, by onError: {PrintableText.Of(explanation.Failure ?? "")}"),
            _ => new(rule.Name, "applies", key, Decide(explanation, mode) + Cause(explanation)),
        };
    }

    private static string Decide(RuleExplanation explanation, RuleMode mode)
    {
        RateLimitRule rule = explanation.Rule;
        bool isShadow = mode == RuleMode.Shadow || rule.Mode == RuleMode.Shadow;
        return (explanation.IsAllowed, isShadow, rule.EnforcePercent) switch
        {
            (true, true, _) => $"would pass{Remaining(explanation)}, in shadow mode",
            (true, false, < 100) => $"would pass{Remaining(explanation)}, enforced for {rule.EnforcePercent} % of keys",
            (true, false, _) => $"would pass{Remaining(explanation)}",
            (false, true, _) => "would be over the limit, but the rule is in shadow mode",

            // Which keys these are goes by a secret of the process that serves.
            (false, false, < 100) => $"would be rejected if the key is among the {rule.EnforcePercent} % that the rule is enforced for",
            _ => "would be rejected",
        };
    }

    private static string Remaining(RuleExplanation explanation)
    {
        RateLimitRule rule = explanation.Rule;
        if (explanation.Applicability == RuleApplicability.Failed || explanation.Override is { Limit: null })
        {
            return "";
        }

        string count = string.Create(CultureInfo.InvariantCulture, $", {explanation.Remaining} of {rule.Capacity}");
        return count + rule switch
        {
            { Algorithm: RateLimitAlgorithm.Concurrency } => " free",
            { Calendar: { } period } => $" left this {Name(period)} ({rule.TimeZone ?? "UTC"})",
            { Algorithm: RateLimitAlgorithm.FixedWindow } => $" left in this window of {DurationText.Format(rule.Window)}",
            { Algorithm: RateLimitAlgorithm.SlidingWindow } => $" left in the last {DurationText.Format(rule.Window)}",
            _ => " left",
        };
    }

    private static string Name(CalendarPeriod period) => period switch
    {
        CalendarPeriod.Minute => "minute",
        CalendarPeriod.Hour => "hour",
        CalendarPeriod.Day => "day",
        _ => "month",
    };

    private static string Cause(RuleExplanation explanation) => explanation.Override switch
    {
        null => "",
        { ExpiresAt: { } end } value => string.Create(CultureInfo.InvariantCulture, $", {Limit(value)} until {end.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}"),
        { } value => $", {Limit(value)}",
    };

    private static string Limit(RuleOverride value) => value.Limit switch
    {
        null => "unlimited by override",
        0 => "blocked by override",
        _ => "by override",
    };
}

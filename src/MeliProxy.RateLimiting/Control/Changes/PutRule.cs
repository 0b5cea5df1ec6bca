using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control.Changes;

/// <summary>Adds a rule at the end, or replaces the one of its name where it is.</summary>
internal sealed record PutRule(RateLimitRule Rule) : RuleChange
{
    public override string Command => CommandNames.RulesPut;

    public override RuleContent ApplyTo(RuleContent content)
    {
        int index = content.IndexOf(Rule.Name);
        RuleContent next = content with
        {
            Rules = index < 0 ? [.. content.Rules, Rule] : [.. content.Rules.Take(index), Rule, .. content.Rules.Skip(index + 1)],
        };
        next.CheckOverrides($"the rule '{Rule.Name}'");
        return next;
    }

    public override void WriteMembers(Utf8JsonWriter writer) => RuleJson.WriteRuleMembers(writer, Rule);

    public override RuleChange Reverse(RuleContent before) =>
        before.IndexOf(Rule.Name) is >= 0 and var index ? new PutRule(before.Rules[index]) : new DeleteRule(Rule.Name);

    public override string Target => $"rule {Rule.Name}";

    public override string? TargetIn(RuleContent content) => content.TextOf(Rule.Name);
}

using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control.Changes;

/// <summary>Removes an override.</summary>
internal sealed record DeleteOverride(string Rule, IReadOnlyList<string> Key) : RuleChange
{
    public override string Command => CommandNames.OverridesDelete;

    public override RuleContent ApplyTo(RuleContent content)
    {
        if (content.IndexOf(Rule) < 0)
        {
            throw new CommandException(CommandError.UnknownRule, OverrideValidation.DescribeMissing(Rule, content.RuleNames), "$.rule");
        }

        int index = content.IndexOf(Rule, Key);
        return index >= 0
            ? content with { Overrides = [.. content.Overrides.Where((_, i) => i != index)] }
            : throw new CommandException(CommandError.UnknownOverride, $"the rule '{Rule}' has no override for this key", "$.key");
    }

    public override void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("rule", Rule);
        RuleJson.WriteList(writer, "key", Key);
    }

    public override string Target =>
        $"override {OverrideValidation.Identity(new RuleOverride { Rule = Rule, Key = Key, Limit = null })}";

    public override string? TargetIn(RuleContent content) => content.TextOf(Rule, Key);
}

using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control.Changes;

/// <summary>Removes a rule and its overrides.</summary>
internal sealed record DeleteRule(string Name) : RuleChange
{
    public override string Command => CommandNames.RulesDelete;

    public override RuleContent ApplyTo(RuleContent content)
    {
        if (content.IndexOf(Name) < 0)
        {
            throw new CommandException(CommandError.UnknownRule, OverrideValidation.DescribeMissing(Name, content.RuleNames), "$.name");
        }

        return content with
        {
            Rules = [.. content.Rules.Where(rule => rule.Name != Name)],
            Overrides = [.. content.Overrides.Where(value => value.Rule != Name)],
        };
    }

    public override void WriteMembers(Utf8JsonWriter writer) => writer.WriteString("name", Name);

    public override string Target => $"rule {Name}";

    public override string? TargetIn(RuleContent content) => content.TextOf(Name);
}

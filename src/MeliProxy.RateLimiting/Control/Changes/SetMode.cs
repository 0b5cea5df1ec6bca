using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control.Changes;

/// <summary>Puts all rules in shadow mode, or lets each be as it says.</summary>
internal sealed record SetMode(RuleMode Mode) : RuleChange
{
    public override string Command => CommandNames.RulesMode;

    public override RuleContent ApplyTo(RuleContent content) => content with { Mode = Mode };

    public override void WriteMembers(Utf8JsonWriter writer) => writer.WriteString("mode", RuleJson.NameOf(Mode));

    public override RuleChange Reverse(RuleContent before) => new SetMode(before.Mode);

    public override string Target => "mode";

    public override string TargetIn(RuleContent content) => RuleJson.NameOf(content.Mode);
}

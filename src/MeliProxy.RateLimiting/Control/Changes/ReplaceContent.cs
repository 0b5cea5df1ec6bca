using System.Text.Json;

namespace MeliProxy.RateLimiting.Control.Changes;

/// <summary>Replaces all rules and overrides, and the mode.</summary>
/// <param name="Content">What there is to be.</param>
/// <param name="Command">The command that does so.</param>
internal sealed record ReplaceContent(RuleContent Content, string Command) : RuleChange
{
    public override string Command { get; } = Command;

    public override RuleContent ApplyTo(RuleContent content) => Content;

    public override void WriteMembers(Utf8JsonWriter writer) => Content.WriteMembers(writer);
}

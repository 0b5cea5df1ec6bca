using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control.Changes;

/// <summary>Adds an override, or replaces the one for the same key where it is.</summary>
internal sealed record PutOverride(RuleOverride Override) : RuleChange
{
    public override string Command => CommandNames.OverridesPut;

    public override RuleContent ApplyTo(RuleContent content)
    {
        List<RuleError> errors = [];
        OverrideValidation.Validate([Override], content.Rules, "", errors);
        if (errors.Count > 0)
        {
            bool isUnknown = content.IndexOf(Override.Rule) < 0;
            throw new CommandException(
                isUnknown ? CommandError.UnknownRule : CommandError.InvalidOverride,
                [.. errors.Select(error => error with { Path = "$" + error.Path["[0]".Length..] })]);
        }

        int index = content.IndexOf(Override.Rule, Override.Key);
        return content with
        {
            Overrides = index < 0
                ? [.. content.Overrides, Override]
                : [.. content.Overrides.Take(index), Override, .. content.Overrides.Skip(index + 1)],
        };
    }

    public override void WriteMembers(Utf8JsonWriter writer) => RuleJson.WriteOverrideMembers(writer, Override);

    public override RuleChange EndingAt(DateTimeOffset end) => Override.ExpiresAt is null
        ? new PutOverride(Override with { ExpiresAt = end })
        : throw new CommandException(CommandError.InvalidRequest, "must not be given together with expiresAt", "$.ttl");

    public override string Target => $"override {OverrideValidation.Identity(Override)}";

    public override string? TargetIn(RuleContent content) => content.TextOf(Override.Rule, Override.Key);

    public override RuleChange? Reverse(RuleContent before) =>
        before.IndexOf(Override.Rule, Override.Key) is >= 0 and var index ? new PutOverride(before.Overrides[index]) : null;
}

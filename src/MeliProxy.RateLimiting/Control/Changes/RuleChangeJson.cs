using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control.Changes;

/// <summary>Reads the bodies of commands that change something.</summary>
internal static class RuleChangeJson
{
    /// <param name="command">The command.</param>
    /// <param name="body">Its body, without what any command takes.</param>
    /// <param name="path">The JSON path of the body.</param>
    /// <param name="errors">Receives what is wrong; then the result is not to be used.</param>
    public static RuleChange Read(string command, JsonElement body, string path, ICollection<RuleError> errors)
    {
        if (command == CommandNames.RulesPut)
        {
            return new PutRule(RuleJson.ReadRule(body, path, errors)!);
        }

        if (command == CommandNames.OverridesPut)
        {
            return new PutOverride(RuleJson.ReadOverride(body, path, errors)!);
        }

        JsonMembers members = new(body, path, errors);
        RuleChange change = command switch
        {
            CommandNames.RulesDelete => new DeleteRule(members.ReadString("name", required: true) ?? ""),
            CommandNames.OverridesDelete => new DeleteOverride(
                members.ReadString("rule", required: true) ?? "", members.ReadStrings("key", required: true)),
            CommandNames.RulesMode => new SetMode(ReadMode(members)),
            CommandNames.RulesImport or CommandNames.RulesRollback =>
                new ReplaceContent(RuleContent.Read(members, path, errors), command),
            _ => Unknown(command, path, errors),
        };
        members.RejectUnknown();
        return change;
    }

    private static RuleMode ReadMode(JsonMembers members)
    {
        const RuleMode Missing = (RuleMode)(-1);
        RuleMode mode = RuleJson.ReadMode(members, Missing, wrong: RuleMode.Enforce);
        if (mode == Missing)
        {
            members.Error(null, "'mode' is missing");
        }

        return mode;
    }

    private static SetMode Unknown(string command, string path, ICollection<RuleError> errors)
    {
        errors.Add(new RuleError(path, $"'{command}' changes nothing"));
        return new SetMode(RuleMode.Enforce);
    }
}

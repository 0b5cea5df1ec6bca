using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Changes;
using MeliProxy.Sidecar.Commands.Operating.Connections;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy rules put</c>: adds or replaces a rule from a file, or changes single members of one.</summary>
internal static class RulesPutCommand
{
    public static ChangeCommand Create()
    {
        Argument<string> target = new("FILE|NAME")
        {
            Description = "A file with the rule as JSON, - for standard input; or the name of a rule, with what to set",
        };
        RuleSettings settings = new();
        ChangeCommand command = new(
            "put", "Add or replace a rule by one from a file; or set members of a rule, which is added if it is new", takesTtl: true) { target };
        settings.AddTo(command);
        command.SetChange("rules.put", talk => settings.AnyIsGiven(talk)
            ? EditAsync(talk, talk.Get(target)!, settings)
            : ReadAsync(talk, talk.Get(target)!));
        return command;
    }

    private static async Task<JsonObject> ReadAsync(Conversation talk, string file)
    {
        if (file != "-" && !File.Exists(file))
        {
            throw new AdminException($"there is no file {PrintableText.Of(file)}; to change the rule of that name, say what, such as --limit 100");
        }

        JsonInput input = await JsonInput.ReadAsync(file, talk.CancellationToken);
        talk.Locate = input.Locate;
        return (JsonObject)input.Value.DeepClone();
    }

    private static async Task<JsonObject> EditAsync(Conversation talk, string name, RuleSettings settings)
    {
        (JsonObject rule, bool isNew, long? revision) = await FindAsync(talk, name);
        if (isNew)
        {
            settings.RequireForNew(talk, name);
        }

        settings.Apply(talk, rule);

        // What somebody else made of the rule in the meantime is not to be undone.
        if (revision is not null)
        {
            rule["expectedRevision"] = revision;
        }

        return rule;
    }

    /// <summary>The rule as it is now, or a new one without anything, and the revision at which that is so.</summary>
    private static async Task<(JsonObject Rule, bool IsNew, long? Revision)> FindAsync(Conversation talk, string name)
    {
        try
        {
            using JsonDocument answer = await talk.AskAsync("rules.get", new() { ["name"] = name });
            if (answer.RootElement.Find("rule") is { ValueKind: JsonValueKind.Object } rule)
            {
                return (JsonObject.Create(rule.Clone())!, false, answer.RootElement.Long("revision"));
            }

            throw new AdminException("the answer holds no rule");
        }
        catch (RefusedException e) when (e.Code == "unknown-rule")
        {
        }

        // An error has no revision, so look again where there is one.
        using JsonDocument all = await talk.AskAsync("rules.list", []);
        JsonElement? found = all.RootElement.Items("rules").Where(rule => rule.Find("name")?.RawText() == name)
            .Select(rule => (JsonElement?)rule.Clone()).FirstOrDefault();
        return (found is { } one ? JsonObject.Create(one)! : new() { ["name"] = name }, found is null, all.RootElement.Long("revision"));
    }
}

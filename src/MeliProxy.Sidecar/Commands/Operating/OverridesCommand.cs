using System.CommandLine;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Changes;
using MeliProxy.Sidecar.Commands.Operating.Connections;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy overrides</c>: reads and changes the limits of single keys.</summary>
internal static class OverridesCommand
{
    public static Command Create()
    {
        Command command = new("overrides", "Read and change the limits of single keys, and block keys");
        command.Add(List());
        command.Add(Put());
        command.Add(Delete());
        return command;
    }

    private static OperatingCommand List()
    {
        Argument<string?> rule = new("RULE") { Description = "Only those of this rule", Arity = ArgumentArity.ZeroOrOne };
        PageOptions page = new();
        OperatingCommand command = new("list", "List overrides") { rule };
        page.AddTo(command);
        command.SetConversation(talk =>
        {
            JsonObject body = [];
            if (talk.Get(rule) is { } name)
            {
                body["rule"] = name;
            }

            return talk.PrintAsync("overrides.list", page.Write(talk, body), OverridesText.Of);
        });
        return command;
    }

    private static ChangeCommand Put()
    {
        Argument<string> rule = Rule();
        Argument<string[]> key = Key();
        Option<long?> limit = new("--limit") { Description = "Permits per window of the rule", HelpName = "N" };
        Option<bool> unlimited = new("--unlimited") { Description = "The rule leaves the key alone" };
        Option<bool> block = new("--block") { Description = "The rule rejects everything of the key" };
        Option<long?> burst = new("--burst") { Description = "What the key can save up", HelpName = "N" };
        ChangeCommand command = new("put", "Set another limit for one key of a rule", takesTtl: true) { rule, key, limit, unlimited, block, burst };
        command.SetChange("overrides.put", talk =>
        {
            JsonNode[] limits =
            [
                .. talk.Get(limit) is { } number ? [(JsonNode)number] : Array.Empty<JsonNode>(),
                .. talk.Get(unlimited) ? [(JsonNode)"unlimited"] : Array.Empty<JsonNode>(),
                .. talk.Get(block) ? [(JsonNode)0] : Array.Empty<JsonNode>(),
            ];
            if (limits.Length != 1)
            {
                throw new AdminException("say one of --limit N, --unlimited and --block");
            }

            JsonObject body = For(talk, rule, key);
            body["limit"] = limits[0];
            if (talk.Get(burst) is { } value)
            {
                body["burst"] = value;
            }

            return body;
        });
        return command;
    }

    private static ChangeCommand Delete()
    {
        Argument<string> rule = Rule();
        Argument<string[]> key = Key();
        ChangeCommand command = new("delete", "Remove an override, so that the rule's own limit counts again") { rule, key };
        command.SetChange("overrides.delete", talk => For(talk, rule, key));
        return command;
    }

    private static JsonObject For(Conversation talk, Argument<string> rule, Argument<string[]> key) => new()
    {
        ["rule"] = talk.Get(rule),
        ["key"] = new JsonArray([.. talk.Get(key)!.Select(part => (JsonNode?)part)]),
    };

    private static Argument<string> Rule() => new("RULE") { Description = "The name of the rule" };

    private static Argument<string[]> Key() => new("KEY")
    {
        Description = "The values of the rule's key parts, in their order; \"\" for one that is missing. After -- a value may begin with a -",
        Arity = ArgumentArity.OneOrMore,
    };
}

using System.CommandLine;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Changes;
using MeliProxy.Sidecar.Commands.Operating.Connections;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy rules import</c>: replaces all rules and overrides by those of a file.</summary>
internal static class RulesImportCommand
{
    public static ChangeCommand Create()
    {
        Argument<string> file = new("FILE") { Description = "What export printed, or a meliproxy.json; - for standard input" };
        ChangeCommand command = new("import", "Replace all rules and overrides by those of a file") { file };
        command.SetChange("rules.import", async talk =>
        {
            JsonInput input = await JsonInput.ReadAsync(talk.Get(file)!, talk.CancellationToken);
            talk.Locate = input.Locate;
            return Pick(input.Value);
        });
        return command;
    }

    /// <summary>What is imported of a file; a configuration holds other things too, which are each sidecar's own.</summary>
    /// <exception cref="AdminException">It has no rules.</exception>
    public static JsonObject Pick(JsonObject document)
    {
        if (document["rules"] is null)
        {
            // It would remove all rules, and is more likely the wrong file.
            throw new AdminException("$.rules is missing; to remove all rules, write \"rules\": []");
        }

        JsonObject body = [];
        foreach (string name in (ReadOnlySpan<string>)["rules", "overrides", "mode"])
        {
            if (document[name] is { } value)
            {
                body[name] = value.DeepClone();
            }
        }

        return body;
    }
}

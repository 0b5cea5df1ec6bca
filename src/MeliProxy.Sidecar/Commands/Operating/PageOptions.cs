using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary>Which part of a long list is wanted.</summary>
internal sealed class PageOptions
{
    private readonly Option<int?> _limit = new("--limit") { Description = "A part of the list only: so many at most", HelpName = "N" };

    private readonly Option<string?> _after = new("--after") { Description = "The part after this one, as the part before says", HelpName = "TEXT" };

    public void AddTo(Command command)
    {
        command.Add(_limit);
        command.Add(_after);
    }

    /// <summary>Says in a body what was given.</summary>
    public JsonObject Write(Conversation talk, JsonObject body)
    {
        if (talk.Get(_limit) is { } limit)
        {
            body["limit"] = limit;
        }

        if (talk.Get(_after) is { } after)
        {
            body["after"] = after;
        }

        return body;
    }

    /// <summary>How to get the next part; empty if there is none.</summary>
    public static string Next(JsonElement answer) =>
        answer.Find("next") is { ValueKind: not JsonValueKind.Null } next ? $"\nThere is more: --after {JsonText.Brief(next)}\n" : "";
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Connections;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary>One run of a command that asks running sidecars: what was typed, whom it asks, and where its answer is printed.</summary>
internal sealed class Conversation(ParseResult parsed, IControlClient client, bool asJson, CancellationToken cancellationToken)
{
    public ParseResult Parsed => parsed;

    public bool AsJson => asJson;

    /// <summary>Tells which line of what was read a JSON path stands for, if something was read.</summary>
    public Func<string, string?> Locate { get; set; } = _ => null;

    public TextWriter Output => parsed.InvocationConfiguration.Output;

    public CancellationToken CancellationToken => cancellationToken;

    public T? Get<T>(Argument<T> argument) => parsed.GetValue(argument);

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);

    public bool IsGiven(Option option) => parsed.GetResult(option) is { Implicit: false };

    public Task<JsonDocument> AskAsync(string command, JsonObject body) => AskAsync(command, body, cancellationToken);

    public Task<JsonDocument> AskAsync(string command, JsonObject body, CancellationToken stop) => client.AskAsync(command, body, stop);

    /// <summary>Asks, and prints the answer.</summary>
    /// <param name="command">The command.</param>
    /// <param name="body">What it takes.</param>
    /// <param name="text">Puts the answer into words.</param>
    public async Task PrintAsync(string command, JsonObject body, Func<JsonElement, string> text)
    {
        using JsonDocument answer = await AskAsync(command, body);
        Print(answer.RootElement, text);
    }

    /// <summary>Prints an answer as it came for programs, and in words for people.</summary>
    public void Print(JsonElement answer, Func<JsonElement, string> text) =>
        Output.Write(asJson ? answer.GetRawText() + "\n" : text(answer));
}

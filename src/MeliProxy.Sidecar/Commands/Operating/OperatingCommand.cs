using System.CommandLine;
using MeliProxy.Sidecar.Commands.Operating.Connections;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary>A command that asks running sidecars: its options say whom, and its exit code how it went.</summary>
internal class OperatingCommand : Command
{
    private readonly ConnectionOptions _connection = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print the answer as it came, for programs" };

    public OperatingCommand(string name, string description)
        : base(name, description)
    {
    }

    /// <summary>Sets what it does. Its own arguments and options have been added before, as help has them in that order.</summary>
    public void SetConversation(Func<Conversation, Task> talk)
    {
        Add(_json);
        _connection.AddTo(this);
        SetAction((parsed, cancellationToken) => RunAsync(talk, parsed, cancellationToken));
    }

    private async Task<int> RunAsync(Func<Conversation, Task> talk, ParseResult parsed, CancellationToken cancellationToken)
    {
        Conversation? conversation = null;
        try
        {
            await using IControlClient client = _connection.CreateClient(parsed);
            conversation = new Conversation(parsed, client, parsed.GetValue(_json), cancellationToken);
            await talk(conversation);
            return ExitCodes.Done;
        }
        catch (RefusedException e)
        {
            if (conversation!.AsJson)
            {
                conversation.Output.Write(e.Answer + "\n");
            }

            PrintErrors(parsed, e.Errors.Select(error => conversation.Locate(error.Path) is { } line ? $"{line}: {error}" : error.ToString()));
            return e.ExitCode;
        }
        catch (AdminException e)
        {
            PrintErrors(parsed, e.Message.Split('\n'));
            return e.ExitCode;
        }
    }

    private static void PrintErrors(ParseResult parsed, IEnumerable<string> errors)
    {
        foreach (string error in errors)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"meliproxy: {error}");
        }
    }
}

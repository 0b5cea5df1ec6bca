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
        bool asJson = parsed.GetValue(_json);
        try
        {
            await using IControlClient client = _connection.CreateClient(parsed);
            await talk(new Conversation(parsed, client, asJson, cancellationToken));
            return ExitCodes.Done;
        }
        catch (AdminException e)
        {
            if (asJson && e is RefusedException refused)
            {
                await parsed.InvocationConfiguration.Output.WriteLineAsync(refused.Answer);
            }

            foreach (string line in e.Message.Split('\n'))
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"meliproxy: {line}");
            }

            return e.ExitCode;
        }
    }
}

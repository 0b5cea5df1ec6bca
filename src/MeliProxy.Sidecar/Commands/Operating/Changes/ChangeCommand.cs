using System.Text.Json.Nodes;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>A command that changes something, and prints what.</summary>
internal sealed class ChangeCommand : OperatingCommand
{
    private readonly ChangeOptions _options;

    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="takesTtl">Whether the change can be made for a time only.</param>
    public ChangeCommand(string name, string description, bool takesTtl = false)
        : base(name, description) => _options = new ChangeOptions(takesTtl);

    /// <summary>Sets what it sends.</summary>
    /// <param name="command">The command to the sidecar.</param>
    /// <param name="body">What that takes, beside what any change takes.</param>
    public void SetChange(string command, Func<Conversation, JsonObject> body) =>
        SetChange(command, talk => Task.FromResult(body(talk)));

    /// <inheritdoc cref="SetChange(string, Func{Conversation, JsonObject})"/>
    public void SetChange(string command, Func<Conversation, Task<JsonObject>> body)
    {
        _options.AddTo(this);
        SetConversation(async talk =>
        {
            JsonObject change = await body(talk);
            _options.Write(talk.Parsed, change);
            await talk.PrintAsync(command, change, ChangeText.Of);
        });
    }
}

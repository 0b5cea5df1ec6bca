using System.CommandLine;
using System.Text.Json.Nodes;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary>Of which time usage is told, from what is stored.</summary>
internal sealed class HistoryOptions
{
    private readonly Option<string?> _from = new("--from")
    {
        Description = "From when on: a moment such as 2026-11-28T08:00:00Z, or a time before now such as -1h",
        HelpName = "TIME",
    };

    private readonly Option<string?> _to = new("--to") { Description = "Until when; now if it is left out", HelpName = "TIME" };

    /// <summary>The option that asks for it step by step.</summary>
    public static Option<string?> CreateStep() =>
        new("--step") { Description = "Step by step: 1s, 5s, 10s, 30s, 1m, 5m, 15m, 1h, 6h, 1d or 7d", HelpName = "TIME" };

    /// <summary>Says in a body what was given of an option.</summary>
    public static void Write(Conversation talk, Option<string?> option, JsonObject body)
    {
        if (talk.Get(option) is { } value)
        {
            body[option.Name.TrimStart('-')] = value;
        }
    }

    public void AddTo(Command command)
    {
        command.Add(_from);
        command.Add(_to);
    }

    public bool IsGiven(Conversation talk) => talk.IsGiven(_from) || talk.IsGiven(_to);

    /// <summary>Says in a body what was given.</summary>
    public void Write(Conversation talk, JsonObject body)
    {
        Write(talk, _from, body);
        Write(talk, _to, body);
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy usage</c>: what became of the requests, rule by rule.</summary>
internal static class UsageCommand
{
    public static Command Create()
    {
        UsageScope scope = new();
        HistoryOptions time = new();
        Option<string?> step = HistoryOptions.CreateStep();
        OperatingCommand command = new("usage", "Tell what became of the requests, rule by rule");
        scope.AddTo(command);
        time.AddTo(command);
        command.Add(step);
        command.SetConversation(talk =>
        {
            JsonObject body = scope.Body(talk);
            time.Write(talk, body);
            HistoryOptions.Write(talk, step, body);
            return time.IsGiven(talk) || talk.IsGiven(step)
                ? talk.PrintAsync("usage.query", body, answer => UsageHistoryText.Of(answer, talk.IsGiven(step)))
                : talk.PrintAsync("usage.query", body, UsageText.Of);
        });
        return command;
    }
}

using System.CommandLine;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy usage</c>: what became of the requests, rule by rule.</summary>
internal static class UsageCommand
{
    public static Command Create()
    {
        UsageScope scope = new();
        OperatingCommand command = new("usage", "Tell what became of the requests, rule by rule");
        scope.AddTo(command);
        command.SetConversation(talk => talk.PrintAsync("usage.query", scope.Body(talk), UsageText.Of));
        return command;
    }
}

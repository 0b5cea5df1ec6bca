using System.CommandLine;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy nodes</c>: the sidecars that share quotas with a running one, as each describes itself.</summary>
internal static class NodesCommand
{
    public static Command Create()
    {
        OperatingCommand command = new("nodes", "List the sidecars that share quotas, what each holds, and what shared rules promise now");
        command.SetConversation(talk => talk.PrintAsync("nodes", [], NodesText.Of));
        return command;
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy audit</c>: who changed what.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        Option<int> limit = new("--limit") { Description = "The most entries", HelpName = "N", DefaultValueFactory = _ => 20 };
        Option<long?> before = new("--before") { Description = "Only entries before this revision", HelpName = "REVISION" };
        OperatingCommand command = new("audit", "Tell who changed what, the latest first") { limit, before };
        command.SetConversation(talk =>
        {
            JsonObject body = new() { ["limit"] = talk.Get(limit) };
            if (talk.Get(before) is { } revision)
            {
                body["before"] = revision;
            }

            return talk.PrintAsync("audit", body, AuditText.Of);
        });
        return command;
    }
}

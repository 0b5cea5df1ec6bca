using System.CommandLine;
using System.Text.Json;

namespace MeliProxy.Sidecar.Commands;

/// <summary><c>meliproxy nodes</c>: the sidecars that share quotas with a running one, as each describes itself.</summary>
internal static class NodesCommand
{
    public static Command Create()
    {
        AdminOptions options = new();
        Option<bool> json = new("--json") { Description = "Print the JSON that the sidecar answers, for programs" };
        Command command = new("nodes", "List the sidecars that share quotas, what each holds, and what shared rules promise now");
        options.AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                using AdminClient client = options.CreateClient(parsed);
                using JsonDocument answer = await client.GetAsync("/api/v1/nodes", cancellationToken);
                Console.Write(parsed.GetValue(json) ? answer.RootElement.GetRawText() + "\n" : NodesText.Of(answer.RootElement));
                return 0;
            }
            catch (AdminException e)
            {
                await Console.Error.WriteLineAsync($"meliproxy: {e.Message}");
                return 1;
            }
        });
        return command;
    }
}

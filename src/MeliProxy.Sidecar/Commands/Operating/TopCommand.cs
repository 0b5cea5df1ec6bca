using System.CommandLine;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Texts;
using MeliProxy.Sidecar.Hosting;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy top</c>: the keys with the most requests, again and again on a terminal.</summary>
internal static class TopCommand
{
    public static Command Create()
    {
        UsageScope scope = new();
        Option<int> count = new("-n") { Description = "How many keys", HelpName = "N", DefaultValueFactory = _ => 10 };
        Option<bool> once = new("--once") { Description = "Print once, also on a terminal" };
        OperatingCommand command = new("top", "Show the keys with the most requests, every second anew on a terminal until Ctrl+C");
        scope.AddTo(command);
        command.Add(count);
        command.Add(once);
        command.SetConversation(async talk =>
        {
            JsonObject body = scope.Body(talk);
            body["n"] = talk.Get(count);
            if (talk.AsJson || talk.Get(once) || Console.IsOutputRedirected)
            {
                await talk.PrintAsync("top", body, answer => TopText.Of(answer, null));
                return;
            }

            using StopSignal stop = new();
            await new TopView(ask: () => talk.AskAsync("top", body), talk.Output, TimeProvider.System).ShowAsync(stop.Token);
        });
        return command;
    }
}

using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy top</c>: the keys with the most requests, again and again on a terminal.</summary>
internal static class TopCommand
{
    public static Command Create()
    {
        UsageScope scope = new();
        HistoryOptions time = new();
        Option<int> count = new("-n") { Description = "How many keys", HelpName = "N", DefaultValueFactory = _ => 10 };
        Option<bool> once = new("--once") { Description = "Print once, also on a terminal" };
        OperatingCommand command = new("top", "Show the keys with the most requests, every second anew on a terminal until Ctrl+C");
        scope.AddTo(command);
        time.AddTo(command);
        command.Add(count);
        command.Add(once);
        command.SetConversation(async talk =>
        {
            JsonObject body = scope.Body(talk);
            body["n"] = talk.Get(count);
            time.Write(talk, body);
            if (time.IsGiven(talk))
            {
                await talk.PrintAsync("top", body, TopText.OfTime);
                return;
            }

            if (talk.AsJson || talk.Get(once) || !TopView.CanBeShown)
            {
                await talk.PrintAsync("top", body, answer => TopText.Of(answer, null));
                return;
            }

            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(talk.CancellationToken);
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
            {
                // The second time it ends at once.
                signal.Cancel = !stop.IsCancellationRequested;
                stop.Cancel();
            });
            TopView view = new(
                cancellationToken => talk.AskAsync("top", body, cancellationToken),
                talk.Output,
                () => (Console.WindowWidth, Console.WindowHeight),
                TimeProvider.System);
            await view.ShowAsync(stop.Token);
        });
        return command;
    }
}

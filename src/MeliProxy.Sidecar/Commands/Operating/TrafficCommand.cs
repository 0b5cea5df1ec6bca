using System.CommandLine;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary><c>meliproxy traffic</c>: what passed over the routes, by class of status.</summary>
internal static class TrafficCommand
{
    public static Command Create()
    {
        Argument<string?> route = new("ROUTE") { Description = "Only of this route", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> nodeOnly = UsageScope.CreateNodeOnly();
        HistoryOptions time = new();
        Option<string?> step = HistoryOptions.CreateStep();
        OperatingCommand command = new("traffic", "Tell what passed over the routes and how long it took, of the last hour or another time")
        {
            route, nodeOnly,
        };
        time.AddTo(command);
        command.Add(step);
        command.SetConversation(talk =>
        {
            JsonObject body = [];
            if (talk.Get(route) is { } name)
            {
                body["route"] = name;
            }

            if (talk.Get(nodeOnly))
            {
                body["scope"] = "node";
            }

            time.Write(talk, body);
            HistoryOptions.Write(talk, step, body);
            return talk.PrintAsync("traffic.query", body, answer => TrafficText.Of(answer, talk.IsGiven(step)));
        });
        return command;
    }
}

using System.Text.Json;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>The answer of <c>traffic.query</c> as text for people.</summary>
internal static class TrafficText
{
    private static readonly (string Title, string Member)[] Counts = [("REQUESTS", "count"), ("BYTES IN", "bytesIn"), ("BYTES OUT", "bytesOut")];

    private static readonly (string Title, string Member)[] Times =
        [("P50 ms", "durationMsP50"), ("P95 ms", "durationMsP95"), ("P99 ms", "durationMsP99"), ("UPSTREAM P99 ms", "upstreamMsP99")];

    /// <param name="answer">The answer.</param>
    /// <param name="isByStep">Whether to tell it step by step, and not the sums alone.</param>
    public static string Of(JsonElement answer, bool isByStep)
    {
        string[] titles = ["ROUTE", "STATUS", .. isByStep ? ["TIME"] : Array.Empty<string>(), .. Counts.Select(c => c.Title), .. Times.Select(t => t.Title)];
        int texts = isByStep ? 3 : 2;
        return $"{HistoryText.Head(answer)}\n\n" + TextTable.Format(
            [.. titles.Select((_, column) => column >= texts)],
            [
                titles,
                .. answer.Items("routes").SelectMany(route => isByStep
                    ? route.Items("points").Select(point => Row(route, [point.Text("time")], point))
                    : [Row(route, [], route.Find("total") ?? route)]),
            ]);
    }

    private static IReadOnlyList<string> Row(JsonElement route, string[] time, JsonElement values) =>
    [
        route.Text("route"),
        route.Text("class"),
        .. time,
        .. Counts.Select(count => values.Number(count.Member)),
        .. Times.Select(t => HistoryText.Decimal(values, t.Member)),
    ];
}

using System.Globalization;
using System.Text.Json;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>The answer of <c>top</c> as text for people.</summary>
internal static class TopText
{
    /// <summary>The answer about a time.</summary>
    public static string OfTime(JsonElement answer) => $"{HistoryText.Head(answer)}\n\n{Table(answer, null)}";

    /// <param name="answer">The answer.</param>
    /// <param name="rates">Hits and limited requests per second of the keys, where they are known; <see langword="null"/>: without them.</param>
    public static string Of(JsonElement answer, IReadOnlyDictionary<string, (double Hits, double Limited)>? rates) =>
        $"{UsageText.Nodes(answer)}\n\n{Table(answer, rates)}";

    private static string Table(JsonElement answer, IReadOnlyDictionary<string, (double Hits, double Limited)>? rates)
    {
        IReadOnlyList<string>[] rows =
        [
            .. answer.Items("keys").Select(key => (IReadOnlyList<string>)
            [
                key.Text("rule"),
                KeyText.Of(key),
                key.Number("hits"),
                key.Number("limited"),
                .. rates is null ? Array.Empty<string>() : Rates(key, rates),
                key.Number("error"),
            ]),
        ];
        string[] titles = ["RULE", "KEY", "HITS", "LIMITED", .. rates is null ? Array.Empty<string>() : ["HITS/S", "LIMITED/S"], "TOO HIGH BY"];
        return TextTable.Format([.. titles.Select((_, column) => column > 1)], [titles, .. rows]);
    }

    private static string[] Rates(JsonElement key, IReadOnlyDictionary<string, (double Hits, double Limited)> rates) =>
        rates.TryGetValue(TopSample.Identity(key), out (double Hits, double Limited) rate)
            ? [Rate(rate.Hits), Rate(rate.Limited)]
            : [AnswerMembers.Missing, AnswerMembers.Missing];

    private static string Rate(double value) => value.ToString(value < 100 ? "0.#" : "0", CultureInfo.InvariantCulture);
}

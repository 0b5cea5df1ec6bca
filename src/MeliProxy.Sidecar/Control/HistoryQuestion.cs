using System.Globalization;
using MeliProxy.Sidecar.Usage.History;

namespace MeliProxy.Sidecar.Control;

/// <summary>What follows the first word of a question about a time: its beginning, end and step in Unix seconds, and of what.</summary>
/// <param name="Range">The time.</param>
/// <param name="Name">The rule or route; <see langword="null"/>: all.</param>
internal sealed record HistoryQuestion(HistoryRange Range, string? Name)
{
    /// <summary>A question may have 256 bytes; of all, and picked out of the answers, is as good.</summary>
    private const int MaxNameLength = 64;

    public static string Write(string word, HistoryRange range, string? name) => string.Create(
        CultureInfo.InvariantCulture,
        $"{word} {range.From} {range.To} {range.Step}{(name is { Length: <= MaxNameLength } ? $" {name}" : "")}");

    /// <summary>Reads a question, which may be any text; <see langword="null"/> if it is not about a time.</summary>
    public static HistoryQuestion? TryRead(string text)
    {
        string[] words = text.Split(' ', 5);
        return words.Length >= 4
            && TryReadNumber(words[1], out long from)
            && TryReadNumber(words[2], out long to)
            && TryReadNumber(words[3], out long step)
            && HistoryRange.Steps.Contains(step)
            && from < to
            && (words[0] == NodeReports.Top || (to - from) / step <= HistoryRange.MostPoints)
            ? new HistoryQuestion(HistoryRange.Of(from, to, step), words.Length > 4 ? words[4] : null)
            : null;
    }

    private static bool TryReadNumber(string word, out long number) =>
        long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
}

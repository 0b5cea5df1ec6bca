using System.Text;

namespace MeliProxy.Sidecar.Commands;

/// <summary>Rows of text in columns as wide as they need to be, for a terminal.</summary>
internal static class TextTable
{
    private const string Gap = "  ";

    /// <param name="isNumber">For each column, whether it is aligned to the right, as numbers are.</param>
    /// <param name="rows">The rows, that of the titles first.</param>
    public static string Format(IReadOnlyList<bool> isNumber, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. isNumber.Select((_, column) => rows.Max(row => row[column].Length))];
        StringBuilder text = new();
        foreach (IReadOnlyList<string> row in rows)
        {
            IEnumerable<string> cells = row.Select(
                (cell, column) => isNumber[column] ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            text.Append(string.Join(Gap, cells).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}

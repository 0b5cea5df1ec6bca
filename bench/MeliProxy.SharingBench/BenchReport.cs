using System.Globalization;
using System.Text;

namespace MeliProxy.SharingBench;

/// <summary>The text for people, and the values for machines.</summary>
public sealed class BenchReport
{
    private readonly StringBuilder _text = new();
    private readonly List<(string Name, double Value)> _values = [];

    public IEnumerable<string> ValueLines => _values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Name} {v.Value:0.####}"));

    public string Text => $"{_text}\n## Values\n\n```\n{string.Join('\n', ValueLines)}\n```\n";

    public void Title(string title) => Line($"\n## {title}\n");

    public void Value(string name, double value) => _values.Add((name, value));

    /// <summary>Adds a line, and shows it at once.</summary>
    public void Line(FormattableString line)
    {
        string text = line.ToString(CultureInfo.InvariantCulture);
        _text.AppendLine(text);
        Console.Error.WriteLine(text);
    }
}

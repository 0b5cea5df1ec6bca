using System.Text.Json;
using MeliProxy.Sidecar.Usage.History;

namespace MeliProxy.Sidecar.Control;

/// <summary>Adds up what sidecars tell of a time, who may tell it in different steps.</summary>
/// <param name="asked">The time and steps that were asked for.</param>
internal abstract class HistorySum(HistoryRange asked)
{
    /// <summary>How many points of all sidecars are taken.</summary>
    private const int MostPoints = 400_000;

    private readonly List<(string Node, long? Since, string? Problem)> _nodes = [];
    private long _step = asked.Step;
    private int _points;

    /// <summary>How many sidecars have told something.</summary>
    public int Answers { get; private set; }

    /// <summary>Why one of the others has not.</summary>
    public string? Problem => _nodes.Find(node => node.Problem is not null).Problem;

    /// <summary>Whether there is nothing to tell.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>The time in the longest step that a sidecar tells.</summary>
    protected HistoryRange Range => asked.By(_step);

    /// <summary>Adds an answer, which may be anything.</summary>
    public void Add(ReadOnlyMemory<byte> answer)
    {
        using JsonDocument? document = ReportReading.TryParse(answer);
        if (document is null)
        {
            return;
        }

        JsonElement root = document.RootElement;
        string node = ReportReading.Text(root, "node") ?? "";
        if (ReportReading.Text(root, "problem") is { } problem)
        {
            _nodes.Add((node, null, problem));
            return;
        }

        long step = ReportReading.Count(root, "step");
        if (step < asked.Step || !HistoryRange.Steps.Contains(step))
        {
            // What a sidecar of another version answers.
            return;
        }

        Answers++;
        _step = Math.Max(_step, step);
        long since = ReportReading.Count(root, "storedSince");
        _nodes.Add((node, since is > 0 and <= 253_402_300_799 ? since : null, null));
        AddItems(root, asked.By(step));
    }

    /// <summary>Writes the members of the answer.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("from", Moment(Range.From));
        writer.WriteString("to", Moment(Range.To));
        writer.WriteString("step", MeliProxy.RateLimiting.Rules.DurationText.Format(TimeSpan.FromSeconds(Range.Step)));
        WriteNodes(writer);
        WriteItems(writer);
    }

    protected static DateTime Moment(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;

    /// <summary>Adds the points of an item.</summary>
    protected void AddPoints(SeriesSum series, JsonElement item, HistoryRange range)
    {
        if (!item.TryGetProperty("points", out JsonElement points) || points.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        foreach (JsonElement point in points.EnumerateArray().TakeWhile(_ => _points < MostPoints))
        {
            _points++;
            series.Add(point, range.From, range.Step, range.Points);
        }
    }

    protected abstract void AddItems(JsonElement answer, HistoryRange range);

    protected abstract void WriteItems(Utf8JsonWriter writer);

    private void WriteNodes(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("nodes");
        foreach ((string node, long? since, string? problem) in _nodes.OrderBy(node => node.Node, StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("node", node);
            if (since is { } seconds)
            {
                writer.WriteString("since", Moment(seconds));
            }

            if (problem is not null)
            {
                writer.WriteString("problem", problem);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

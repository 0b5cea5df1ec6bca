using System.Text.Json;

namespace MeliProxy.Sidecar.Control;

/// <summary>Adds up the counts that sidecars tell of their rules.</summary>
internal sealed class UsageSum
{
    private const int MostRules = 10_000;
    private static readonly string[] Names = ["allowed", "limited", "shadowLimited", "delayed", "failed", "noRoom"];

    private readonly Dictionary<string, (string Mode, long[] Counts)> _rules = new(StringComparer.Ordinal);
    private int _nodes;
    private DateTime? _since;

    public void Add(ReadOnlyMemory<byte> answer)
    {
        using JsonDocument? document = ReportReading.TryParse(answer);
        if (document is null)
        {
            return;
        }

        _nodes++;
        if (document.RootElement.TryGetProperty("since", out JsonElement since)
            && since.ValueKind == JsonValueKind.String
            && since.TryGetDateTime(out DateTime moment)
            && !(moment >= _since))
        {
            _since = moment;
        }

        foreach (JsonElement rule in ReportReading.Items(document.RootElement, "rules"))
        {
            Add(rule);
        }
    }

    /// <param name="writer">Where to.</param>
    /// <param name="only">Only of this rule; <see langword="null"/>: of all.</param>
    public void Write(Utf8JsonWriter writer, string? only)
    {
        writer.WriteNumber("nodes", _nodes);
        if (_since is { } since)
        {
            writer.WriteString("since", since);
        }

        writer.WriteStartArray("rules");
        foreach ((string name, (string mode, long[] counts)) in _rules)
        {
            if (only is not null && only != name)
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("rule", name);
            writer.WriteString("mode", mode);
            for (int i = 0; i < Names.Length; i++)
            {
                writer.WriteNumber(Names[i], counts[i]);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Add(JsonElement rule)
    {
        if (ReportReading.Text(rule, "rule") is not { } name)
        {
            return;
        }

        if (!_rules.TryGetValue(name, out (string Mode, long[] Counts) sum))
        {
            if (_rules.Count >= MostRules)
            {
                return;
            }

            sum = (ReportReading.Text(rule, "mode") == "shadow" ? "shadow" : "enforce", new long[Names.Length]);
            _rules.Add(name, sum);
        }

        for (int i = 0; i < Names.Length; i++)
        {
            sum.Counts[i] = ReportReading.Add(sum.Counts[i], ReportReading.Count(rule, Names[i]));
        }
    }
}

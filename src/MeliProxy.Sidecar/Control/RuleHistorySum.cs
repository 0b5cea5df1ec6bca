using System.Text.Json;
using MeliProxy.Sidecar.Usage.History;

namespace MeliProxy.Sidecar.Control;

/// <summary>Adds up what sidecars tell of their rules step by step.</summary>
/// <param name="asked">The time and steps that were asked for.</param>
/// <param name="only">Only of this rule; <see langword="null"/>: of all.</param>
internal sealed class RuleHistorySum(HistoryRange asked, string? only) : HistorySum(asked)
{
    private const int MostRules = 10_000;

    private readonly SortedDictionary<string, (SeriesSum Series, string Mode)> _rules = new(StringComparer.Ordinal);

    public override bool IsEmpty => _rules.Count == 0;

    protected override void AddItems(JsonElement answer, HistoryRange range)
    {
        foreach (JsonElement item in ReportReading.Items(answer, "rules"))
        {
            if (ReportReading.Text(item, "rule") is not { } name || (only is not null && name != only))
            {
                continue;
            }

            if (!_rules.TryGetValue(name, out (SeriesSum Series, string Mode) rule))
            {
                if (_rules.Count >= MostRules)
                {
                    continue;
                }

                rule = (new SeriesSum(RulePoint.Names.Count, 2), "enforce");
            }

            long before = rule.Series.Last;
            AddPoints(rule.Series, item, range);

            // The mode of whoever saw the rule last.
            _rules[name] = rule.Series.Last > before ? (rule.Series, ReportReading.Text(item, "mode") == "shadow" ? "shadow" : "enforce") : rule;
        }
    }

    protected override void WriteItems(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("rules");
        foreach ((string name, (SeriesSum series, string mode)) in _rules)
        {
            writer.WriteStartObject();
            writer.WriteString("rule", name);
            writer.WriteString("mode", mode);
            writer.WriteStartObject("total");
            WriteCounts(writer, series.Total());
            writer.WriteEndObject();
            writer.WriteStartArray("points");
            foreach ((long at, long[] counts, double[] largest) in series.By(Range.Step))
            {
                writer.WriteStartObject();
                writer.WriteString("time", Moment(at));
                WriteCounts(writer, counts);
                writer.WriteNumber("usedPct", largest[0]);
                writer.WriteNumber("decisionUsP99", largest[1]);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteCounts(Utf8JsonWriter writer, long[] counts)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            writer.WriteNumber(RulePoint.Names[i], counts[i]);
        }
    }
}

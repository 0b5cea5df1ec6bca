using System.Text.Json;

namespace MeliProxy.Sidecar.Control;

/// <summary>Adds up the points of one rule or route, each a moment, counts that are added and values of which the largest counts.</summary>
/// <param name="counts">How many counts a point has.</param>
/// <param name="largest">How many values.</param>
internal sealed class SeriesSum(int counts, int largest)
{
    private readonly Dictionary<long, (long[] Counts, double[] Largest)> _points = [];

    /// <summary>When the last of them begins.</summary>
    public long Last { get; private set; } = long.MinValue;

    /// <summary>How many there are.</summary>
    public int Count => _points.Count;

    /// <summary>Adds a point as a sidecar tells it, which may be anything.</summary>
    /// <param name="point">The number of the step, the counts, and the values.</param>
    /// <param name="from">When the first step begins.</param>
    /// <param name="step">The length of a step.</param>
    /// <param name="steps">How many steps there are.</param>
    public void Add(JsonElement point, long from, long step, long steps)
    {
        if (point.ValueKind != JsonValueKind.Array
            || point.GetArrayLength() != 1 + counts + largest
            || point[0].ValueKind != JsonValueKind.Number
            || !point[0].TryGetInt32(out int index)
            || index < 0
            || index >= steps)
        {
            return;
        }

        long at = from + (index * step);
        Last = Math.Max(Last, at);
        (long[] Counts, double[] Largest) sum = PointAt(_points, at);
        for (int i = 0; i < counts; i++)
        {
            if (point[1 + i].ValueKind == JsonValueKind.Number && point[1 + i].TryGetInt64(out long count) && count > 0)
            {
                sum.Counts[i] = ReportReading.Add(sum.Counts[i], count);
            }
        }

        for (int i = 0; i < largest; i++)
        {
            if (point[1 + counts + i].ValueKind == JsonValueKind.Number && point[1 + counts + i].TryGetDouble(out double value) && double.IsFinite(value))
            {
                sum.Largest[i] = Math.Max(sum.Largest[i], value);
            }
        }
    }

    /// <summary>The sum of the counts.</summary>
    public long[] Total()
    {
        long[] total = new long[counts];
        foreach ((long[] Counts, double[]) point in _points.Values)
        {
            Add(total, point.Counts);
        }

        return total;
    }

    /// <summary>The points in longer steps, in their order.</summary>
    public IEnumerable<(long At, long[] Counts, double[] Largest)> By(long step)
    {
        Dictionary<long, (long[] Counts, double[] Largest)> longer = [];
        foreach ((long at, (long[] Counts, double[] Largest) point) in _points)
        {
            (long[] Counts, double[] Largest) sum = PointAt(longer, at - (at % step));
            Add(sum.Counts, point.Counts);
            for (int i = 0; i < largest; i++)
            {
                sum.Largest[i] = Math.Max(sum.Largest[i], point.Largest[i]);
            }
        }

        return longer.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value.Counts, pair.Value.Largest));
    }

    private static void Add(long[] sum, long[] counts)
    {
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] = ReportReading.Add(sum[i], counts[i]);
        }
    }

    private (long[] Counts, double[] Largest) PointAt(Dictionary<long, (long[] Counts, double[] Largest)> points, long at)
    {
        if (!points.TryGetValue(at, out (long[] Counts, double[] Largest) point))
        {
            points.Add(at, point = (new long[counts], new double[largest]));
        }

        return point;
    }
}

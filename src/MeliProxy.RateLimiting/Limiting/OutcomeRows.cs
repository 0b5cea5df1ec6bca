using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Counts that one thread writes and all may read.</summary>
/// <param name="number">Another one for each thread that counts.</param>
internal sealed class OutcomeRows(int number)
{
    private long[] _counts = new long[OutcomeCounts.Outcomes * 8];
    private LatencyCells?[] _times = [];

    public int Number => number;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int index, long amount)
    {
        long[] counts = _counts;
        if ((uint)index < (uint)counts.Length)
        {
            counts[index] += amount;
        }
        else
        {
            Widen(index)[index] += amount;
        }
    }

    /// <summary>Adds a length of time to a row.</summary>
    public void AddTime(int row, long nanoseconds)
    {
        LatencyCells?[] times = _times;
        LatencyCells cells = (row < times.Length ? times[row] : null) ?? AddTimes(row);
        cells.Add(nanoseconds);
    }

    public long Read(int index)
    {
        long[] counts = Volatile.Read(ref _counts);
        return index < counts.Length ? Volatile.Read(ref counts[index]) : 0;
    }

    /// <summary>The times of a row; <see langword="null"/> if there are none.</summary>
    public LatencyCells? Times(int row)
    {
        LatencyCells?[] times = Volatile.Read(ref _times);
        return row < times.Length ? Volatile.Read(ref times[row]) : null;
    }

    private LatencyCells AddTimes(int row)
    {
        LatencyCells?[] times = _times;
        if (row >= times.Length)
        {
            Array.Resize(ref times, Math.Max(times.Length * 2, row + 8));
            Volatile.Write(ref _times, times);
        }

        LatencyCells cells = new();
        Volatile.Write(ref times[row], cells);
        return cells;
    }

    private long[] Widen(int index)
    {
        long[] counts = _counts;
        Array.Resize(ref counts, Math.Max(counts.Length * 2, index + OutcomeCounts.Outcomes));
        Volatile.Write(ref _counts, counts);
        return counts;
    }
}

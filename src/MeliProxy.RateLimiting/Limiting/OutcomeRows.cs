using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Counts that one thread writes and all may read.</summary>
/// <param name="number">Another one for each thread that counts.</param>
internal sealed class OutcomeRows(int number)
{
    private long[] _counts = new long[OutcomeCounts.Outcomes * 8];

    public int Number => number;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int index)
    {
        long[] counts = _counts;
        if ((uint)index < (uint)counts.Length)
        {
            counts[index]++;
        }
        else
        {
            Widen(index)[index]++;
        }
    }

    public long Read(int index)
    {
        long[] counts = Volatile.Read(ref _counts);
        return index < counts.Length ? Volatile.Read(ref counts[index]) : 0;
    }

    private long[] Widen(int index)
    {
        long[] counts = _counts;
        Array.Resize(ref counts, Math.Max(counts.Length * 2, index + OutcomeCounts.Outcomes));
        Volatile.Write(ref _counts, counts);
        return counts;
    }
}

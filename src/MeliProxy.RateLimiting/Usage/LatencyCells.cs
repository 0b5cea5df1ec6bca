namespace MeliProxy.RateLimiting.Usage;

/// <summary>Counts lengths of time as <see cref="LatencyHistogram"/> does. One thread writes, and all may read.</summary>
/// <remarks>The buckets of a power of two come with its first length, so that room is used for those alone that occur.</remarks>
internal sealed class LatencyCells
{
    private readonly long[]?[] _octaves = new long[]?[LatencyHistogram.Buckets / LatencyHistogram.SubBuckets];
    private long _nanoseconds;

    public void Add(long nanoseconds)
    {
        int index = LatencyHistogram.IndexOf(nanoseconds);
        int octave = index >> LatencyHistogram.SubBucketBits;
        long[] counts = _octaves[octave] ?? AddOctave(octave);
        counts[index & (LatencyHistogram.SubBuckets - 1)]++;
        _nanoseconds += Math.Max(nanoseconds, 0);
    }

    /// <summary>Adds all lengths to a sum.</summary>
    public void AddTo(LatencySum sum)
    {
        for (int octave = 0; octave < _octaves.Length; octave++)
        {
            if (Volatile.Read(ref _octaves[octave]) is { } counts)
            {
                Span<long> sums = sum.Counts.AsSpan(octave << LatencyHistogram.SubBucketBits, LatencyHistogram.SubBuckets);
                for (int i = 0; i < sums.Length; i++)
                {
                    sums[i] += Volatile.Read(ref counts[i]);
                }
            }
        }

        sum.Nanoseconds += Volatile.Read(ref _nanoseconds);
    }

    private long[] AddOctave(int octave)
    {
        long[] counts = new long[LatencyHistogram.SubBuckets];
        Volatile.Write(ref _octaves[octave], counts);
        return counts;
    }
}

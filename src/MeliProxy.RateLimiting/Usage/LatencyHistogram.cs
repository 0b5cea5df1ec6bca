using System.Buffers;
using System.Numerics;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>
/// How often times of which length occurred. Lengths are kept to within 1/32 (3.2 %), as in HdrHistogram with log-linear buckets: 32 buckets for
/// each power of two of nanoseconds, up to about 73 minutes. Immutable.
/// </summary>
public sealed class LatencyHistogram
{
    internal const int SubBucketBits = 5;
    internal const int SubBuckets = 1 << SubBucketBits;
    internal const int MaxBits = 42;

    /// <summary>How many buckets there are.</summary>
    internal const int Buckets = (MaxBits - SubBucketBits + 1) * SubBuckets;

    private readonly int[] _indexes;
    private readonly long[] _counts;

    /// <param name="indexes">Indexes of the buckets that are not empty, in ascending order.</param>
    /// <param name="counts">Their counts.</param>
    /// <param name="nanoseconds">The sum of all lengths.</param>
    internal LatencyHistogram(int[] indexes, long[] counts, long nanoseconds)
    {
        _indexes = indexes;
        _counts = counts;
        Nanoseconds = nanoseconds;
        Count = counts.Sum();
    }

    /// <summary>Nothing occurred.</summary>
    public static LatencyHistogram Empty { get; } = new([], [], 0);

    /// <summary>How many times it has.</summary>
    public long Count { get; }

    /// <summary>The sum of all lengths, exact to the microsecond or better.</summary>
    public TimeSpan Sum => TimeSpan.FromTicks(Nanoseconds / TimeSpan.NanosecondsPerTick);

    internal long Nanoseconds { get; }

    /// <summary>The bucket of a length.</summary>
    internal static int IndexOf(long nanoseconds)
    {
        ulong value = (ulong)Math.Clamp(nanoseconds, 0, (1L << MaxBits) - 1);
        if (value < SubBuckets)
        {
            return (int)value;
        }

        int shift = BitOperations.Log2(value) - SubBucketBits;
        return ((shift + 1) << SubBucketBits) + (int)(value >> shift) - SubBuckets;
    }

    /// <summary>The least length that is too long for a bucket.</summary>
    internal static long EndOf(int index)
    {
        int shift = Math.Max((index >> SubBucketBits) - 1, 0);
        long first = index < SubBuckets ? index : SubBuckets + (index & (SubBuckets - 1));
        return (first + 1) << shift;
    }

    /// <summary>
    /// The length that a share of the times does not exceed; at most 3.2 % too long and then rounded up to 100 ns, never too short.
    /// </summary>
    /// <param name="share">The share, 0 to 1: 0.5 for the median.</param>
    /// <returns>The length; zero if nothing occurred.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="share"/> is not from 0 to 1.</exception>
    public TimeSpan Quantile(double share)
    {
        if (share is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "has to be from 0 to 1");
        }

        long rank = Math.Max((long)Math.Ceiling(share * Count), 1);
        for (int i = 0; i < _indexes.Length; i++)
        {
            rank -= _counts[i];
            if (rank <= 0)
            {
                return new TimeSpan((EndOf(_indexes[i]) + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick);
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>How many of the times were no longer than a length, to within the width of a bucket.</summary>
    /// <param name="length">The length.</param>
    public long CountUpTo(TimeSpan length)
    {
        int last = IndexOf(Math.Min(length.Ticks, long.MaxValue / TimeSpan.NanosecondsPerTick) * TimeSpan.NanosecondsPerTick);
        long count = 0;
        for (int i = 0; i < _indexes.Length && _indexes[i] <= last; i++)
        {
            count += _counts[i];
        }

        return count;
    }

    /// <summary>The times of both.</summary>
    /// <param name="other">Another histogram.</param>
    public LatencyHistogram Add(LatencyHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        long[] counts = new long[Buckets];
        AddTo(counts);
        other.AddTo(counts);
        return Of(counts, Nanoseconds + other.Nanoseconds);
    }

    /// <summary>A short form to be stored, which <see cref="TryRead"/> takes.</summary>
    public byte[] ToBytes()
    {
        if (Count == 0)
        {
            return [];
        }

        ArrayBufferWriter<byte> bytes = new();
        Write(bytes, Nanoseconds);
        int before = 0;
        for (int i = 0; i < _indexes.Length; i++)
        {
            Write(bytes, _indexes[i] - before);
            Write(bytes, _counts[i]);
            before = _indexes[i];
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">The bytes, which may be anything.</param>
    /// <returns>The histogram; <see langword="null"/> if it is none.</returns>
    public static LatencyHistogram? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return Empty;
        }

        long[] counts = new long[Buckets];
        long sum = 0;
        if (!TryReadNumber(ref bytes, out long nanoseconds))
        {
            return null;
        }

        for (long index = -1; !bytes.IsEmpty;)
        {
            long before = Math.Max(index, 0);
            if (!TryReadNumber(ref bytes, out long step)
                || !TryReadNumber(ref bytes, out long count)
                || step >= Buckets
                || (index >= 0 && step == 0)
                || (index = before + step) >= Buckets
                || count == 0
                || count > long.MaxValue - sum)
            {
                return null;
            }

            counts[index] = count;
            sum += count;
        }

        return sum == 0 ? null : Of(counts, nanoseconds);
    }

    /// <summary>What came to it since an earlier state of the same counters.</summary>
    internal LatencyHistogram Since(LatencyHistogram earlier)
    {
        long[] counts = new long[Buckets];
        AddTo(counts);
        for (int i = 0; i < earlier._indexes.Length; i++)
        {
            counts[earlier._indexes[i]] -= earlier._counts[i];
        }

        return Of(counts, Nanoseconds - earlier.Nanoseconds);
    }

    /// <summary>A histogram of the counts of all buckets.</summary>
    internal static LatencyHistogram Of(ReadOnlySpan<long> counts, long nanoseconds)
    {
        List<int> indexes = [];
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                indexes.Add(i);
            }
        }

        long[] kept = new long[indexes.Count];
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = counts[indexes[i]];
        }

        return kept.Length == 0 ? Empty : new LatencyHistogram([.. indexes], kept, nanoseconds);
    }

    private void AddTo(long[] counts)
    {
        for (int i = 0; i < _indexes.Length; i++)
        {
            counts[_indexes[i]] += _counts[i];
        }
    }

    /// <summary>Seven bits a byte, the low ones first, with the high bit set on all but the last.</summary>
    private static void Write(ArrayBufferWriter<byte> bytes, long number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            bytes.Write([(byte)(number | 0x80)]);
        }

        bytes.Write([(byte)number]);
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> bytes, out long number)
    {
        number = 0;
        for (int i = 0; i < 9 && i < bytes.Length; i++)
        {
            number |= (long)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}

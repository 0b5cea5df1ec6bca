using CsCheck;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Tests.Usage;

public class LatencyHistogramTests
{
    private const long Longest = (1L << LatencyHistogram.MaxBits) - 1;

    /// <summary>Lengths of every magnitude.</summary>
    private static readonly Gen<long> Length =
        Gen.Select(Gen.Int[0, LatencyHistogram.MaxBits], Gen.Long[0, Longest]).Select((bits, value) => value & ((1L << bits) - 1));

    private static readonly Gen<long[]> Lengths = Length.Array[0, 200];

    [Fact]
    public void A_bucket_has_its_length_and_is_at_most_a_32nd_of_it_wide() => Length.Sample(length =>
    {
        int index = LatencyHistogram.IndexOf(length);
        long end = LatencyHistogram.EndOf(index);
        Assert.InRange(index, 0, LatencyHistogram.Buckets - 1);
        Assert.InRange(end - length, 1, Math.Max(length / 32, 1));
        Assert.Equal(index, LatencyHistogram.IndexOf(end - 1));
        Assert.Equal(Math.Min(index + 1, LatencyHistogram.Buckets - 1), LatencyHistogram.IndexOf(end));
    });

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(long.MinValue, 0)]
    [InlineData(31, 31)]
    [InlineData(32, 32)]
    [InlineData(Longest, LatencyHistogram.Buckets - 1)]
    [InlineData(long.MaxValue, LatencyHistogram.Buckets - 1)]
    public void Lengths_beyond_the_buckets_are_in_the_nearest(long nanoseconds, int index) =>
        Assert.Equal(index, LatencyHistogram.IndexOf(nanoseconds));

    [Fact]
    public void A_quantile_is_never_too_short_and_at_most_a_32nd_and_a_tick_too_long() => Gen.Select(Lengths, Gen.Double[0, 1]).Sample((lengths, share) =>
    {
        LatencyHistogram histogram = Of(lengths);
        if (lengths.Length == 0)
        {
            Assert.Equal(TimeSpan.Zero, histogram.Quantile(share));
            return;
        }

        long exact = lengths.Order().ElementAt(Math.Max((int)Math.Ceiling(share * lengths.Length), 1) - 1);
        long told = histogram.Quantile(share).Ticks * TimeSpan.NanosecondsPerTick;
        Assert.InRange(told, exact, exact + (exact / 32) + 1 + TimeSpan.NanosecondsPerTick);
    });

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_share_is_from_0_to_1(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LatencyHistogram.Empty.Quantile(share));

    [Fact]
    public void Count_and_sum_are_exact() => Lengths.Sample(lengths =>
    {
        LatencyHistogram histogram = Of(lengths);
        Assert.Equal(lengths.Length, histogram.Count);
        Assert.Equal(lengths.Sum() / TimeSpan.NanosecondsPerTick, histogram.Sum.Ticks);
        Assert.Equal(lengths.Length, histogram.CountUpTo(TimeSpan.MaxValue));
    });

    [Fact]
    public void What_is_no_longer_than_a_length_is_counted_to_within_a_bucket() => Gen.Select(Lengths, Length).Sample((lengths, length) =>
    {
        TimeSpan limit = new(length / TimeSpan.NanosecondsPerTick);
        long ends = LatencyHistogram.EndOf(LatencyHistogram.IndexOf(limit.Ticks * TimeSpan.NanosecondsPerTick));
        Assert.Equal(lengths.Count(l => l < ends), Of(lengths).CountUpTo(limit));
    });

    [Fact]
    public void What_was_added_can_be_taken_off_again() => Gen.Select(Lengths, Lengths).Sample((first, second) =>
    {
        LatencyHistogram x = Of(first);
        LatencyHistogram y = Of(second);
        LatencyHistogram both = x.Add(y);
        AssertSame(Of([.. first, .. second]), both);
        AssertSame(both, y.Add(x));
        AssertSame(y, both.Since(x));
        AssertSame(x, both.Since(y));
    });

    [Fact]
    public void What_was_written_is_read_again() =>
        Lengths.Sample(lengths => AssertSame(Of(lengths), LatencyHistogram.TryRead(Of(lengths).ToBytes())!));

    [Fact]
    public void Large_counts_and_sums_are_written_and_read_again()
    {
        LatencyHistogram histogram = new([0, LatencyHistogram.Buckets - 1], [long.MaxValue / 2, long.MaxValue / 2], long.MaxValue);
        AssertSame(histogram, LatencyHistogram.TryRead(histogram.ToBytes())!);
    }

    [Fact]
    public void Bytes_that_are_anything_are_a_histogram_or_none() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        if (LatencyHistogram.TryRead(bytes) is { } histogram)
        {
            Assert.True(histogram.Count >= 0);
            Assert.True(histogram.Quantile(1) >= histogram.Quantile(0));
            AssertSame(histogram, LatencyHistogram.TryRead(histogram.ToBytes())!);
        }
    });

    [Fact]
    public void Written_bytes_that_were_changed_are_a_histogram_or_none() =>
        Gen.Select(Lengths, Gen.Int[0, 1000], Gen.Byte, Gen.Bool).Sample((lengths, at, value, cuts) =>
        {
            byte[] bytes = Of(lengths).ToBytes();
            if (bytes.Length > 0)
            {
                at %= bytes.Length;
                bytes[at] = value;
                LatencyHistogram? read = LatencyHistogram.TryRead(cuts ? bytes.AsSpan(0, at) : bytes);
                Assert.True(read is null || read.Count >= 0);
            }
        });

    [Theory]
    [InlineData(new byte[] { 5 })]
    [InlineData(new byte[] { 5, 1 })]
    [InlineData(new byte[] { 5, 1, 0 })]
    [InlineData(new byte[] { 5, 1, 1, 0, 1 })]
    [InlineData(new byte[] { 5, 0xFF, 0x7F, 1 })]
    [InlineData(new byte[] { 5, 1, 0x80 })]
    [InlineData(new byte[] { 5, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData(new byte[] { 5, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 1 })]
    public void What_no_histogram_is_written_as_is_none(byte[] bytes) => Assert.Null(LatencyHistogram.TryRead(bytes));

    [Fact]
    public void Cells_count_as_the_histogram_does() => Lengths.Sample(lengths =>
    {
        LatencyCells cells = new();
        foreach (long length in lengths)
        {
            cells.Add(length);
        }

        LatencySum sum = new();
        cells.AddTo(sum);
        AssertSame(Of(lengths), sum.ToHistogram());
    });

    private static LatencyHistogram Of(long[] lengths)
    {
        long[] counts = new long[LatencyHistogram.Buckets];
        foreach (long length in lengths)
        {
            counts[LatencyHistogram.IndexOf(length)]++;
        }

        return LatencyHistogram.Of(counts, lengths.Sum());
    }

    private static void AssertSame(LatencyHistogram expected, LatencyHistogram actual)
    {
        Assert.Equal(expected.ToBytes(), actual.ToBytes());
        Assert.Equal((expected.Count, expected.Sum), (actual.Count, actual.Sum));
    }
}

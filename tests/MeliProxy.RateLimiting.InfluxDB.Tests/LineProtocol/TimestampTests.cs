using MeliProxy.RateLimiting.InfluxDB.LineProtocol;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.LineProtocol;

public sealed class TimestampTests
{
    // Bounds of 64-bit nanoseconds, to the 100 ns of a DateTimeOffset.
    private static readonly DateTimeOffset Last = DateTimeOffset.UnixEpoch.AddTicks(92_233_720_368_547_758);
    private static readonly DateTimeOffset First = DateTimeOffset.UnixEpoch.AddTicks(-92_233_720_368_547_758);

    [Theory]
    [InlineData(TimestampPrecision.Nanoseconds, "1700000000123456700")]
    [InlineData(TimestampPrecision.Microseconds, "1700000000123456")]
    [InlineData(TimestampPrecision.Milliseconds, "1700000000123")]
    [InlineData(TimestampPrecision.Seconds, "1700000000")]
    public void Timestamps_are_whole_units_rounded_down(TimestampPrecision precision, string expected) =>
        Assert.Equal(expected, Timestamp(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddTicks(1_234_567), precision));

    [Theory]
    [InlineData(TimestampPrecision.Nanoseconds, "-100")]
    [InlineData(TimestampPrecision.Microseconds, "-1")]
    [InlineData(TimestampPrecision.Milliseconds, "-1")]
    [InlineData(TimestampPrecision.Seconds, "-1")]
    public void Timestamps_before_1970_are_rounded_down_too(TimestampPrecision precision, string expected) =>
        Assert.Equal(expected, Timestamp(DateTimeOffset.UnixEpoch.AddTicks(-1), precision));

    [Fact]
    public void The_offset_does_not_matter() =>
        Assert.Equal("0", Timestamp(new DateTimeOffset(1970, 1, 1, 3, 0, 0, TimeSpan.FromHours(3)), TimestampPrecision.Seconds));

    [Fact]
    public void The_range_is_that_of_64_bit_nanoseconds()
    {
        Assert.Equal("9223372036854775800", Timestamp(Last, TimestampPrecision.Nanoseconds));
        Assert.Equal("-9223372036854775800", Timestamp(First, TimestampPrecision.Nanoseconds));
        Assert.Equal("9223372036", Timestamp(Last, TimestampPrecision.Seconds));

        Assert.Throws<ArgumentOutOfRangeException>(() => Timestamp(Last.AddTicks(1), TimestampPrecision.Nanoseconds));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timestamp(First.AddTicks(-1), TimestampPrecision.Nanoseconds));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timestamp(First, TimestampPrecision.Seconds));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timestamp(DateTimeOffset.MinValue, TimestampPrecision.Microseconds));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timestamp(DateTimeOffset.MaxValue, TimestampPrecision.Milliseconds));
    }

    [Theory]
    [InlineData(TimestampPrecision.Nanoseconds, "ns")]
    [InlineData(TimestampPrecision.Microseconds, "u")]
    [InlineData(TimestampPrecision.Milliseconds, "ms")]
    [InlineData(TimestampPrecision.Seconds, "s")]
    public void A_write_request_names_the_precision(TimestampPrecision precision, string expected) =>
        Assert.Equal(expected, precision.ToWriteParameter());

    [Fact]
    public void An_unknown_precision_has_no_name() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ((TimestampPrecision)4).ToWriteParameter());

    private static string Timestamp(DateTimeOffset instant, TimestampPrecision precision)
    {
        string line = Written.Lines(Written.PointAt(instant), precision);
        return line["m f=1i ".Length..^1];
    }
}

using CsCheck;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Rules;

public class DurationTextTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("250ms", 250)]
    [InlineData("1s", 1_000)]
    [InlineData("015m", 900_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("30d", 2_592_000_000)]
    public void A_number_and_a_unit_are_read(string text, long milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out TimeSpan value));
        Assert.Equal(milliseconds, value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData(" 1s")]
    [InlineData("1 s")]
    [InlineData("1s ")]
    [InlineData("1.5s")]
    [InlineData("1S")]
    [InlineData("1w")]
    [InlineData("1m30s")]
    [InlineData("٣s")]
    [InlineData("10675200d")]
    [InlineData("922337203685478ms")]
    [InlineData("99999999999999999999s")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(DurationText.TryParse(text, out TimeSpan value));
        Assert.Equal(TimeSpan.Zero, value);
    }

    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(999, "999ms")]
    [InlineData(60_000, "1m")]
    [InlineData(90_000, "90s")]
    [InlineData(86_400_000, "1d")]
    [InlineData(90_000_000, "25h")]
    public void The_largest_unit_that_keeps_it_whole_is_written(long milliseconds, string text) =>
        Assert.Equal(text, DurationText.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void What_is_written_is_read_again() =>
        Gen.Select(Gen.Long[0, 1_000_000], Gen.OneOfConst(1L, 10, 1_000, 60_000, 3_600_000, 86_400_000)).Sample(
            (count, unit) =>
            {
                TimeSpan value = TimeSpan.FromMilliseconds(count * unit);
                return DurationText.TryParse(DurationText.Format(value), out TimeSpan read) && read == value;
            },
            iter: 10_000);
}

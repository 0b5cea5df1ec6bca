using CsCheck;
using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

public class QuotaClockTests
{
    [Fact]
    public void Units_advance_with_the_timestamp_exactly() =>
        Gen.Long[0, 7L * 365 * 864_000_000_000].Sample(
            ticks =>
            {
                SteerableTimeProvider time = new();
                QuotaClock clock = new(time);
                long before = clock.Now().Units;
                time.Advance(new TimeSpan(ticks));
                Assert.Equal(ticks * QuotaClock.UnitsPerTick, clock.Now().Units - before);
            });

    [Theory]
    [InlineData(1_000_000_000, 32)]
    [InlineData(10_000_000, 3_200)]
    [InlineData(24_000_000, 1_333)]
    public void Any_timestamp_frequency_will_do(long frequency, long unitsPerTimestamp)
    {
        CountingTimeProvider time = new(frequency);
        QuotaClock clock = new(time);
        long before = clock.Now().Units;
        time.Timestamp++;
        Assert.Equal(unitsPerTimestamp, clock.Now().Units - before);
        time.Timestamp += (frequency * 86_400 * 365 * 7) - 1;
        Assert.Equal(86_400_000L * 365 * 7 * QuotaClock.UnitsPerMillisecond, clock.Now().Units - before);
    }

    [Fact]
    public void The_wall_clock_is_followed_to_the_millisecond() =>
        Gen.Int[0, 3_000_000].Array[1, 30].Sample(
            steps =>
            {
                SteerableTimeProvider time = new();
                QuotaClock clock = new(time);
                foreach (int microseconds in steps)
                {
                    time.Advance(TimeSpan.FromMicroseconds(microseconds));

                    // The part of a millisecond in which it was read is not known until it is read again.
                    Assert.InRange(time.GetUtcNow().ToUnixTimeMilliseconds() - Unix(clock.Now()), 0, 1);
                }
            },
            iter: 500);

    [Theory]
    [InlineData(0.1)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(60 * 365)]
    public void A_wall_clock_set_forward_is_followed_within_a_second_and_ends_every_window(double days)
    {
        SteerableTimeProvider time = new();
        QuotaClock clock = new(time);
        QuotaInstant before = clock.Now();
        time.WallClockOffset = TimeSpan.FromDays(days);
        time.Advance(TimeSpan.FromSeconds(1));
        QuotaInstant after = clock.Now();
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), Unix(after));
        Assert.InRange(TimeSpan.FromMilliseconds(after.WallMilliseconds - before.WallMilliseconds).TotalDays, Math.Min(days, 400), Math.Min(days, 400.1) + 0.1);
        Assert.Equal(0, (before.WallBaseUnixMilliseconds - after.WallBaseUnixMilliseconds) % 3_600_000);
    }

    [Fact]
    public void A_wall_clock_set_back_far_is_followed_while_time_goes_on_for_windows() =>
        Gen.Double[Math.Log(10.001), Math.Log(20 * 365 * 86_400.0)].Sample(
            logSeconds =>
            {
                SteerableTimeProvider time = new();
                QuotaClock clock = new(time);
                QuotaInstant before = clock.Now();
                time.WallClockOffset = -TimeSpan.FromSeconds(Math.Exp(logSeconds)) - TimeSpan.FromSeconds(1);
                time.Advance(TimeSpan.FromSeconds(1));
                QuotaInstant after = clock.Now();
                Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), Unix(after));
                Assert.InRange(after.WallMilliseconds - before.WallMilliseconds, 1_000, 1_000 + 3_600_000);
                Assert.Equal(0, (before.WallBaseUnixMilliseconds - after.WallBaseUnixMilliseconds) % 3_600_000);
            },
            iter: 500);

    [Fact]
    public void A_wall_clock_set_back_a_little_keeps_the_point_that_windows_count_from()
    {
        SteerableTimeProvider time = new();
        QuotaClock clock = new(time);
        QuotaInstant before = clock.Now();
        time.WallClockOffset = TimeSpan.FromSeconds(-10);
        time.Advance(TimeSpan.FromSeconds(1));
        QuotaInstant after = clock.Now();
        Assert.Equal(before.WallBaseUnixMilliseconds, after.WallBaseUnixMilliseconds);
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), Unix(after));
        Assert.True(after.WallMilliseconds > 0);
    }

    [Fact]
    public void A_timestamp_set_back_is_taken_for_the_first_moment()
    {
        CountingTimeProvider time = new(10_000_000) { Timestamp = 5 };
        QuotaClock clock = new(time);
        QuotaInstant first = clock.Now();
        time.Timestamp = long.MinValue / 2;
        Assert.Equal(first, clock.Now());
    }

    private static long Unix(in QuotaInstant now) => now.WallMilliseconds + now.WallBaseUnixMilliseconds;

    private sealed class CountingTimeProvider(long frequency) : TimeProvider
    {
        public long Timestamp { get; set; }

        public override long TimestampFrequency => frequency;

        public override long GetTimestamp() => Timestamp;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50);
    }
}

using System.Numerics;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

/// <summary>Keys that take all they can get for a long time, from one permit a month to ten million a second.</summary>
public class LongRunTests
{
    private const long Day = 86_400_000;

    /// <summary>Limit, window in milliseconds, and how many windows are run.</summary>
    public static TheoryData<long, long, int> Rates => new()
    {
        { 1, 31 * Day, 60 },
        { 1, 366 * Day, 6 },
        { 3, Day, 365 },
        { 7, 3_600_000, 8_784 },
        { 1_000, 60_000, 3_000 },
        { 1_000_003, 60_000, 500 },
        { 1, 1_000, 20_000 },
        { 10_000_000, 1_000, 2_000 },
        { 9_999_991, 1_000, 2_000 },
        { 10_000, 1, 20_000 },
        { 3, 7, 20_000 },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void A_token_bucket_gives_the_burst_and_the_rate_rounded_down_by_less_than_told_and_never_drifts(long permits, long window, int windows)
    {
        RateLimitRule rule = RuleGen.Rule(RateLimitAlgorithm.TokenBucket, permits, TimeSpan.FromMilliseconds(window), null);
        BigInteger admitted = Run(rule, Moments(window, windows * window));
        BigInteger ideal = permits * new BigInteger(windows + 1);

        // The interval is rounded up to a unit of 1/32 ns, and that is all.
        BigInteger units = new BigInteger(window) * QuotaClock.UnitsPerMillisecond;
        BigInteger interval = (units + permits - 1) / permits;
        Assert.Equal(permits + (windows * units / interval), admitted);
        double perSecond = permits * 1_000.0 / window;
        Assert.InRange((double)(ideal - admitted), 0, 1 + ((double)ideal / (perSecond <= 10_000 ? 3e6 : 3e3)));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void A_fixed_window_gives_the_limit_in_each_window(long permits, long window, int windows)
    {
        long most = Math.Min(permits, WindowLayout.For(TimeSpan.FromMilliseconds(window)).MaxCount / 2);
        RateLimitRule rule = RuleGen.Rule(RateLimitAlgorithm.FixedWindow, most, TimeSpan.FromMilliseconds(window), null);
        Assert.Equal(most * new BigInteger(windows), Run(rule, Moments(window, (windows * window) - 1)));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void A_sliding_window_gives_exactly_what_its_estimate_leaves_and_at_least_nearly_the_rate(long permits, long window, int windows)
    {
        long most = Math.Min(permits, WindowLayout.For(TimeSpan.FromMilliseconds(window)).MaxCount / 2);
        RateLimitRule rule = RuleGen.Rule(RateLimitAlgorithm.SlidingWindow, most, TimeSpan.FromMilliseconds(window), null);
        long[] moments = [.. Moments(window, (windows * window) - 1)];
        SlidingWindowModel model = new(rule, most);
        BigInteger expected = 0;
        foreach (long at in moments)
        {
            BigInteger can = model.Remaining(at);
            model.Charge(can, at);
            expected += can;
        }

        BigInteger admitted = Run(rule, moments);
        Assert.Equal(expected, admitted);
        Assert.InRange((double)admitted, (windows / 2) * most * 0.9, windows * (double)most);
    }

    [Theory]
    [InlineData(CalendarPeriod.Month, "America/Sao_Paulo", 12 * 5)]
    [InlineData(CalendarPeriod.Day, "Europe/Madrid", (365 * 5) + 1)]
    [InlineData(CalendarPeriod.Hour, "Australia/Lord_Howe", (24 * ((365 * 5) + 1)) + 5)]
    public void A_calendar_gives_the_limit_in_each_of_its_windows(CalendarPeriod period, string zone, int windows)
    {
        // Five years from a local new year. Each change of Lord Howe's clocks makes half an hour a window of its own.
        TimeZoneInfo info = TimeZoneInfo.FindSystemTimeZoneById(zone);
        long start = Unix(2022);
        long end = Unix(2027);
        FixedWindowLimit limit = new(new RateLimitRule
        {
            Name = "r", Key = ["global"], Algorithm = RateLimitAlgorithm.FixedWindow, Limit = 5, Calendar = period, TimeZone = zone,
        });
        long wallBase = start - Day - (start % 3_600_000);
        KeyState state = limit.Fresh(default, At(start));
        long admitted = 0;
        for (long now = start; now < end; now += 10 * 60_000)
        {
            while (limit.TryTake(state, 1, At(now), out long word))
            {
                state = new KeyState(word, 0);
                admitted++;
            }
        }

        Assert.Equal(5 * windows, admitted);

        long Unix(int year)
        {
            DateTime local = new(year, 1, 1);
            return new DateTimeOffset(local, info.GetUtcOffset(local)).ToUnixTimeMilliseconds();
        }

        QuotaInstant At(long unix) => new(1L << 40, unix - wallBase, wallBase);
    }

    /// <summary>From 0 to the last, several in each window and each window's start, so that no bucket is ever full for a while.</summary>
    private static IEnumerable<long> Moments(long window, long last)
    {
        long step = window % 8 == 0 ? window / 8 : 1;
        for (long at = 0; at < last; at += step)
        {
            yield return at;
        }

        yield return last;
    }

    /// <summary>Takes all that can be had at each moment; how many permits that were.</summary>
    private static BigInteger Run(RateLimitRule rule, IEnumerable<long> moments)
    {
        Limit limit = Limit.For(rule);
        QuotaTable table = new(1);
        KeyHash key = new KeyHash(0x100, 0).With(limit.Kind);

        // The epoch is a start of windows of any length.
        QuotaInstant now = At(0);
        int slot = table.FindOrAdd(key, limit.Fresh(key, now), now);
        BigInteger admitted = 0;
        foreach (long at in moments)
        {
            now = At(at);
            Assert.True(table.TryRead(slot, key, out KeyState state));
            long cost = limit.Standing(state, 1, now).Remaining;
            Assert.InRange(cost, 0, rule.Capacity);
            if (cost > 0)
            {
                Assert.True(limit.TryTake(state, cost, now, out long word));
                Assert.True(table.TrySet(slot, state, word, limit.Kind));
                admitted += cost;
            }

            Assert.True(table.TryRead(slot, key, out state));
            Assert.False(limit.TryTake(state, 1, now, out _));
        }

        return admitted;

        QuotaInstant At(long at) => new((1L << 40) + (at * QuotaClock.UnitsPerMillisecond), at + (2 * 366 * Day), -2 * 366 * Day);
    }
}

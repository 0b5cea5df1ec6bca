using System.Globalization;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

public class CalendarWindowsTests
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private static readonly long From = Unix("2000-01-01T00:00:00Z");
    private static readonly long To = Unix("2060-01-01T00:00:00Z");

    public static TheoryData<string> Zones =>
    [
        "UTC", "America/Sao_Paulo", "Europe/Madrid", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut",
        "America/St_Johns", "America/Caracas", "Asia/Pyongyang", "Asia/Colombo", "Pacific/Apia", "America/Havana", "Atlantic/Azores",
        "Africa/Casablanca", "Europe/Dublin", "Pacific/Chatham", "Asia/Kathmandu", "America/Nuuk", "Africa/Cairo", "Asia/Gaza", "Antarctica/Troll", "Antarctica/Casey",
        "America/Argentina/Buenos_Aires", "America/Mexico_City", "America/Bogota", "Pacific/Kiritimati", "Pacific/Pago_Pago",
    ];

    [Theory]
    [InlineData(CalendarPeriod.Minute, null, "2024-02-29T23:59:59.999Z", "2024-03-01T00:00:00Z")]
    [InlineData(CalendarPeriod.Hour, null, "2024-02-29T23:00:00Z", "2024-03-01T00:00:00Z")]
    [InlineData(CalendarPeriod.Day, null, "2024-02-28T12:00:00Z", "2024-02-29T00:00:00Z")]
    [InlineData(CalendarPeriod.Day, null, "2023-02-28T12:00:00Z", "2023-03-01T00:00:00Z")]
    [InlineData(CalendarPeriod.Month, null, "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z")]
    [InlineData(CalendarPeriod.Month, null, "2024-01-31T23:59:59.999Z", "2024-02-01T00:00:00Z")]
    [InlineData(CalendarPeriod.Month, null, "2024-12-31T23:59:59.999Z", "2025-01-01T00:00:00Z")]
    [InlineData(CalendarPeriod.Month, "America/Sao_Paulo", "2024-06-01T02:59:59Z", "2024-06-01T03:00:00Z")]
    [InlineData(CalendarPeriod.Month, "America/Sao_Paulo", "2024-06-01T03:00:00Z", "2024-07-01T03:00:00Z")]
    [InlineData(CalendarPeriod.Day, "America/Sao_Paulo", "2024-06-01T03:00:00Z", "2024-06-02T03:00:00Z")]
    [InlineData(CalendarPeriod.Hour, "Asia/Kolkata", "2024-06-01T00:29:59Z", "2024-06-01T00:30:00Z")]
    [InlineData(CalendarPeriod.Day, "Asia/Kolkata", "2024-06-01T18:30:00Z", "2024-06-02T18:30:00Z")]

    // Clocks set forward at midnight: 2018-11-04 began at 1:00 and had 23 hours.
    [InlineData(CalendarPeriod.Day, "America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-04T03:00:00Z")]
    [InlineData(CalendarPeriod.Day, "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z")]

    // Clocks set back at midnight: 2018-02-17 had 25 hours.
    [InlineData(CalendarPeriod.Day, "America/Sao_Paulo", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z")]
    [InlineData(CalendarPeriod.Hour, "America/Sao_Paulo", "2018-02-18T01:30:00Z", "2018-02-18T02:00:00Z")]
    [InlineData(CalendarPeriod.Hour, "America/Sao_Paulo", "2018-02-18T02:30:00Z", "2018-02-18T03:00:00Z")]

    [InlineData(CalendarPeriod.Day, "Europe/Madrid", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]
    [InlineData(CalendarPeriod.Day, "Europe/Madrid", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]
    [InlineData(CalendarPeriod.Day, "America/New_York", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z")]
    [InlineData(CalendarPeriod.Day, "America/New_York", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]
    [InlineData(CalendarPeriod.Month, "America/New_York", "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z")]
    [InlineData(CalendarPeriod.Day, "America/Santiago", "2026-09-06T03:59:59Z", "2026-09-06T04:00:00Z")]
    [InlineData(CalendarPeriod.Day, "America/Santiago", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z")]
    [InlineData(CalendarPeriod.Day, "America/Santiago", "2026-04-04T03:00:00Z", "2026-04-05T04:00:00Z")]
    [InlineData(CalendarPeriod.Day, "Asia/Beirut", "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z")]
    [InlineData(CalendarPeriod.Day, "Asia/Beirut", "2026-10-23T21:00:00Z", "2026-10-24T22:00:00Z")]
    [InlineData(CalendarPeriod.Day, "Asia/Beirut", "2026-10-24T22:00:00Z", "2026-10-25T22:00:00Z")]

    // Half an hour forward at 2:00, and back at 2:00.
    [InlineData(CalendarPeriod.Day, "Australia/Lord_Howe", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z")]
    [InlineData(CalendarPeriod.Day, "Australia/Lord_Howe", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z")]
    [InlineData(CalendarPeriod.Hour, "Australia/Lord_Howe", "2026-10-03T15:29:00Z", "2026-10-03T15:30:00Z")]
    [InlineData(CalendarPeriod.Hour, "Australia/Lord_Howe", "2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z")]

    // A day that was left out.
    [InlineData(CalendarPeriod.Day, "Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z")]
    [InlineData(CalendarPeriod.Day, "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z")]

    // One minute past midnight, back to 23:01 the day before: that day is not begun again.
    [InlineData(CalendarPeriod.Day, "America/St_Johns", "2009-11-01T02:29:59Z", "2009-11-01T02:30:00Z")]
    [InlineData(CalendarPeriod.Day, "America/St_Johns", "2009-11-01T02:30:00Z", "2009-11-02T03:30:00Z")]
    [InlineData(CalendarPeriod.Day, "America/St_Johns", "2009-11-01T02:45:00Z", "2009-11-02T03:30:00Z")]
    public void A_window_ends_when_a_clock_in_its_zone_says_so(CalendarPeriod period, string? zone, string now, string end) =>
        Assert.Equal(end, Text(End(new CalendarWindows(period, zone), Unix(now))));

    [Theory]
    [MemberData(nameof(Zones))]
    public void Windows_follow_each_other_without_gaps_and_end_in_the_future_at_any_moment(string zone)
    {
        Random random = new(1);
        foreach (CalendarPeriod period in Enum.GetValues<CalendarPeriod>())
        {
            for (int i = 0; i < 300; i++)
            {
                Check(period, zone, random.NextInt64(From, To), random);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Zones))]
    public void Windows_follow_each_other_without_gaps_wherever_clocks_are_changed(string zone)
    {
        TimeZoneInfo info = TimeZoneInfo.FindSystemTimeZoneById(zone);
        Random random = new(2);
        foreach (long change in ChangesOf(info))
        {
            foreach (CalendarPeriod period in Enum.GetValues<CalendarPeriod>())
            {
                foreach (long offset in new[] { -Day, -Hour, -30 * Minute, -1, 0, 30 * Minute, Hour, Day })
                {
                    Check(period, zone, change + offset, random);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Zones))]
    public void Days_and_months_begin_at_local_midnight_where_there_is_one(string zone)
    {
        TimeZoneInfo info = TimeZoneInfo.FindSystemTimeZoneById(zone);
        Random random = new(3);
        foreach (CalendarPeriod period in new[] { CalendarPeriod.Day, CalendarPeriod.Month })
        {
            for (int i = 0; i < 300; i++)
            {
                long end = End(new CalendarWindows(period, zone), random.NextInt64(From, To));
                DateTime local = Local(info, end);
                bool isMidnight = local.TimeOfDay == TimeSpan.Zero && (period == CalendarPeriod.Day || local.Day == 1);

                // Otherwise clocks skipped it at this very moment.
                Assert.True(isMidnight || info.GetUtcOffset(At(end - 1)) < info.GetUtcOffset(At(end)), $"{local:O}");
                Assert.True(Local(info, end - 1).Date < local.Date);
            }
        }
    }

    /// <summary>The window of a moment is the same for all moments up to its end, and the next one then begins.</summary>
    private static void Check(CalendarPeriod period, string zone, long now, Random random)
    {
        // Each moment is asked of a schedule that remembers nothing, and of one that remembers another moment's window.
        CalendarWindows remembering = new(period, zone);
        long end = End(new CalendarWindows(period, zone), now);
        Assert.True(end > now, $"{Text(now)}: ends {Text(end)}");
        Assert.Equal(0, end % Minute);
        long longest = period switch
        {
            CalendarPeriod.Minute => Minute,
            CalendarPeriod.Hour => Hour,
            CalendarPeriod.Day => 27 * Hour,
            _ => (31 * Day) + (3 * Hour),
        };
        Assert.InRange(end - now, 1, longest);
        foreach (long moment in new[] { now, end - 1, random.NextInt64(now, end), end, random.NextInt64(end, end + longest), now })
        {
            long expected = End(new CalendarWindows(period, zone), moment);
            Assert.Equal(expected, End(remembering, moment));
            if (moment < end)
            {
                Assert.True(expected == end, $"{Text(now)}: ends {Text(end)}; {Text(moment)}: ends {Text(expected)}");
            }
            else
            {
                Assert.True(expected > moment);
            }
        }
    }

    private static IEnumerable<long> ChangesOf(TimeZoneInfo zone)
    {
        const long Step = 5 * Day;
        for (long at = From; at < To; at += Step)
        {
            (long before, long after) = (at, at + Step);
            if (zone.GetUtcOffset(At(before)) == zone.GetUtcOffset(At(after)))
            {
                continue;
            }

            while (after - before > Minute)
            {
                long middle = (before + after) / 2 / Minute * Minute;
                (before, after) = zone.GetUtcOffset(At(middle)) == zone.GetUtcOffset(At(before)) ? (middle, after) : (before, middle);
            }

            yield return after;
        }
    }

    private static long End(CalendarWindows windows, long unix)
    {
        // Windows are told on a scale that begins on some past hour.
        const long WallBase = 1_234 * Hour;
        return windows.EndMilliseconds(new QuotaInstant(1L << 40, unix - WallBase, WallBase)) + WallBase;
    }

    private static DateTimeOffset At(long unix) => DateTimeOffset.FromUnixTimeMilliseconds(unix);

    private static DateTime Local(TimeZoneInfo zone, long unix) => TimeZoneInfo.ConvertTime(At(unix), zone).DateTime;

    private static long Unix(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static string Text(long unix) => At(unix).ToString(unix % 1_000 == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}

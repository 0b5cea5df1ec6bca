using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>
/// Windows that are minutes, hours, days or months by the clock of a time zone. Where clocks are set back an hour, that hour is two windows of
/// hours and part of one longer day; where they are set forward, the day is shorter.
/// </summary>
/// <remarks>
/// Only the offset from UTC at a moment is asked for, never the moment of a local time, of which there may be none or two, and which
/// <see cref="TimeZoneInfo"/> does not tell for every kind of change.
/// </remarks>
internal sealed class CalendarWindows : IWindowSchedule
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;

    /// <summary>More than any zone is ahead of UTC.</summary>
    private const long MaxOffset = 15 * Hour;

    // Calendars end where dates do; a clock that far off is not worth an error on each request.
    private static readonly long Earliest = DateTimeOffset.MinValue.AddDays(100).ToUnixTimeMilliseconds();
    private static readonly long Latest = DateTimeOffset.MaxValue.AddDays(-100).ToUnixTimeMilliseconds();

    private readonly CalendarPeriod _period;
    private readonly TimeZoneInfo _zone;
    private Window _window = new(0, 0);

    /// <param name="period">The length of a window.</param>
    /// <param name="timeZone">An IANA name, or null for UTC.</param>
    public CalendarWindows(CalendarPeriod period, string? timeZone)
    {
        _period = period;
        _zone = timeZone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(timeZone);
    }

    public long EndMilliseconds(in QuotaInstant now)
    {
        // The window is the same for all keys, and worked out once for each.
        long unix = Math.Clamp(now.UnixMilliseconds, Earliest, Latest);
        Window window = Volatile.Read(ref _window);
        if (unix < window.Start || unix >= window.End)
        {
            window = Containing(unix);
            Volatile.Write(ref _window, window);
        }

        return window.End - now.WallBaseUnixMilliseconds;
    }

    private Window Containing(long unix)
    {
        long offset = OffsetAt(unix);
        if (_period is CalendarPeriod.Minute or CalendarPeriod.Hour)
        {
            long length = _period == CalendarPeriod.Minute ? Minute : Hour;
            long start = unix - ((unix + offset) % length);
            long last = start + length - 1;

            // Where clocks are changed within an hour, it begins or ends there.
            return new Window(
                OffsetAt(start) == offset ? start : ChangeBetween(start, unix),
                OffsetAt(last) == offset ? last + 1 : ChangeBetween(unix, last));
        }

        DateTime local = DateTimeOffset.FromUnixTimeMilliseconds(unix + offset).UtcDateTime.Date;
        DateTime first = _period == CalendarPeriod.Day ? local : local.AddDays(1 - local.Day);
        Window window = new(FirstMomentOf(first), FirstMomentOf(Next(first)));

        // Where clocks are set back over midnight, what then comes again belongs to the day that has begun.
        return unix < window.End ? window : new Window(window.End, FirstMomentOf(Next(Next(first))));
    }

    private DateTime Next(DateTime first) => _period == CalendarPeriod.Day ? first.AddDays(1) : first.AddMonths(1);

    /// <summary>The first moment at which clocks show a date, or a later one if that date is left out.</summary>
    private long FirstMomentOf(DateTime date)
    {
        long local = new DateTimeOffset(date, TimeSpan.Zero).ToUnixTimeMilliseconds();
        long unix = local - MaxOffset;
        while (unix + OffsetAt(unix) < local)
        {
            long next = local - OffsetAt(unix);
            unix = OffsetAt(next) == OffsetAt(unix) ? next : ChangeBetween(unix, next);
        }

        return unix;
    }

    /// <summary>The first moment with another offset than an earlier one has, which is not that of a later one.</summary>
    private long ChangeBetween(long earlier, long later)
    {
        long offset = OffsetAt(earlier);
        while (later - earlier > 1)
        {
            long middle = earlier + ((later - earlier) / 2);
            if (OffsetAt(middle) == offset)
            {
                earlier = middle;
            }
            else
            {
                later = middle;
            }
        }

        return later;
    }

    private long OffsetAt(long unix) => (long)_zone.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds(unix)).TotalMilliseconds;

    private sealed record Window(long Start, long End);
}

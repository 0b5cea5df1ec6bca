using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>
/// Windows that are minutes, hours, days or months by the clock of a time zone. Where clocks are set back an hour, that hour is two windows of
/// hours and part of one longer day; where they are set forward, the day is shorter.
/// </summary>
internal sealed class CalendarWindows : IWindowSchedule
{
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
        long unix = now.UnixMilliseconds;
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
        DateTimeOffset moment = DateTimeOffset.FromUnixTimeMilliseconds(unix);
        if (_period is CalendarPeriod.Minute or CalendarPeriod.Hour)
        {
            // Within a period the offset from UTC is the same. Offsets are whole minutes, so an hour's start is too.
            long length = _period == CalendarPeriod.Minute ? 60_000 : 3_600_000;
            long offset = (long)_zone.GetUtcOffset(moment).TotalMilliseconds;
            long start = unix - ((unix + offset) % length);
            return new Window(start, start + length);
        }

        DateTime local = TimeZoneInfo.ConvertTime(moment, _zone).DateTime.Date;
        DateTime first = _period == CalendarPeriod.Day ? local : new DateTime(local.Year, local.Month, 1, 0, 0, 0, DateTimeKind.Unspecified);
        return new Window(ToUnix(first), ToUnix(_period == CalendarPeriod.Day ? first.AddDays(1) : first.AddMonths(1)));
    }

    /// <summary>The first moment of a local day, which where clocks are set forward at midnight is later than 0:00.</summary>
    private long ToUnix(DateTime midnight)
    {
        DateTime local = midnight;
        while (_zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(1);
        }

        // Of two moments called the same, the earlier has the larger offset.
        TimeSpan offset = _zone.IsAmbiguousTime(local) ? _zone.GetAmbiguousTimeOffsets(local).Max() : _zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUnixTimeMilliseconds();
    }

    private sealed record Window(long Start, long End);
}

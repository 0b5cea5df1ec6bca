namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Windows of equal length, aligned to the Unix epoch.</summary>
internal sealed class EqualWindows(TimeSpan window) : IWindowSchedule
{
    private readonly long _windowMilliseconds = window.Ticks / TimeSpan.TicksPerMillisecond;

    public long EndMilliseconds(in QuotaInstant now) =>
        now.WallMilliseconds - SinceBegin(now.UnixMilliseconds) + _windowMilliseconds;

    private long SinceBegin(long unix)
    {
        // Before 1970 the remainder is negative.
        long since = unix % _windowMilliseconds;
        return since < 0 ? since + _windowMilliseconds : since;
    }
}

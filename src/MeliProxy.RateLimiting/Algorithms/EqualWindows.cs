namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Windows of equal length, aligned to the Unix epoch.</summary>
internal sealed class EqualWindows(TimeSpan window) : IWindowSchedule
{
    private readonly long _windowMilliseconds = window.Ticks / TimeSpan.TicksPerMillisecond;

    public long EndMilliseconds(in QuotaInstant now) =>
        now.WallMilliseconds - (now.UnixMilliseconds % _windowMilliseconds) + _windowMilliseconds;
}

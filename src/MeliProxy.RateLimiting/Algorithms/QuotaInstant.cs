namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>One moment, read once per decision: on the monotonic clock for rates, and as wall-clock time for windows.</summary>
/// <param name="Units">Monotonic time in units of 1/32 ns; see <see cref="QuotaClock"/>.</param>
/// <param name="WallMilliseconds">Milliseconds of UTC since a past hour.</param>
/// <param name="WallBaseUnixMilliseconds">That hour, in Unix milliseconds. It changes only when the clock is set back.</param>
internal readonly record struct QuotaInstant(long Units, long WallMilliseconds, long WallBaseUnixMilliseconds)
{
    public long UnixMilliseconds => WallMilliseconds + WallBaseUnixMilliseconds;
}

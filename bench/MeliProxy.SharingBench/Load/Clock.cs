using System.Diagnostics;

namespace MeliProxy.SharingBench.Load;

/// <summary>The clock of all that is measured: nanoseconds that only go forward, and what they are in UTC.</summary>
public static class Clock
{
    public const long Second = 1_000_000_000;

    private static readonly long StartedAt = Stopwatch.GetTimestamp();
    private static readonly long StartedAtUtc = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    /// <summary>Now; never 0, which stands for never.</summary>
    public static long Now => 1 + (long)Stopwatch.GetElapsedTime(StartedAt).TotalNanoseconds;

    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public static long ToUnix(long time) => StartedAtUtc + time;

    public static long FromUnix(long unix) => unix - StartedAtUtc;
}

namespace MeliProxy.RateLimiting.InfluxDB.LineProtocol;

/// <summary>Timestamps as whole units since 1970, rounded down, within what 64-bit nanoseconds can hold.</summary>
internal static class UnixTime
{
    // The server multiplies by the unit and refuses what leaves ±9223372036854775806 ns, so the bound holds after rounding.
    private const long MaxTicks = long.MaxValue / TimeSpan.NanosecondsPerTick;

    /// <summary>The units since 1970.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The instant is before September 1677 or after April 2262.</exception>
    public static long InUnits(DateTimeOffset instant, TimestampPrecision precision)
    {
        long ticks = (instant - DateTimeOffset.UnixEpoch).Ticks;
        long ticksPerUnit = precision switch
        {
            TimestampPrecision.Seconds => TimeSpan.TicksPerSecond,
            TimestampPrecision.Milliseconds => TimeSpan.TicksPerMillisecond,
            TimestampPrecision.Microseconds => TimeSpan.TicksPerMicrosecond,
            _ => 1,
        };
        long units = Math.DivRem(ticks, ticksPerUnit, out long rest);
        if (rest < 0)
        {
            units--;
        }

        if (units * ticksPerUnit is < -MaxTicks or > MaxTicks)
        {
            throw new ArgumentOutOfRangeException(
                nameof(instant), instant, "A timestamp must lie between 1677-09-21T00:12:44Z and 2262-04-11T23:47:16Z.");
        }

        return precision == TimestampPrecision.Nanoseconds ? units * TimeSpan.NanosecondsPerTick : units;
    }
}

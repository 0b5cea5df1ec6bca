namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Turns a <see cref="TimeProvider"/>'s timestamps into the units that counts are kept in.</summary>
/// <remarks>
/// Rates are kept in units of 1/32 ns. That divides the interval between permits finely enough (10 million a second is 3,200 units),
/// leaves room for 9 years of running, and never needs more than an addition to advance. Wall-clock time is derived from the same
/// timestamp and re-read from the provider once a second, so a decision reads one clock.
/// </remarks>
internal sealed class QuotaClock
{
    /// <summary>Units in one millisecond.</summary>
    public const long UnitsPerMillisecond = 32_000_000;

    /// <summary>Units in one <see cref="TimeSpan"/> tick of 100 ns.</summary>
    public const long UnitsPerTick = 3_200;

    /// <summary>The first moment. It is above every special slot state, and leaves as much room for debts.</summary>
    private const long Origin = 1L << 40;

    private readonly TimeProvider _time;
    private readonly long _startTimestamp;
    private readonly long _frequency;
    private readonly bool _nanoseconds;
    private readonly long _wallBase;
    private WallReading _wall;

    public QuotaClock(TimeProvider time)
    {
        _time = time;
        _frequency = time.TimestampFrequency;
        _nanoseconds = _frequency == 1_000_000_000;
        _startTimestamp = time.GetTimestamp();
        DateTimeOffset now = time.GetUtcNow();
        _wallBase = now.ToUnixTimeMilliseconds() / 86_400_000 * 86_400_000;
        _wall = new WallReading(Origin, now.ToUnixTimeMilliseconds() - _wallBase);
    }

    /// <summary>The moment that <see cref="QuotaInstant.WallMilliseconds"/> counts from, in Unix milliseconds.</summary>
    public long WallBaseUnixMilliseconds => _wallBase;

    public QuotaInstant Now()
    {
        long elapsed = _time.GetTimestamp() - _startTimestamp;
        long units = Origin + (_nanoseconds ? elapsed << 5 : (long)((Int128)elapsed * 32_000_000_000 / _frequency));
        WallReading wall = _wall;
        long since = (units - wall.Units) / UnitsPerMillisecond;
        if (since is >= 1_000 or < 0)
        {
            wall = new WallReading(units, _time.GetUtcNow().ToUnixTimeMilliseconds() - _wallBase);
            _wall = wall;
            since = 0;
        }

        return new QuotaInstant(units, wall.Milliseconds + since);
    }

    private sealed record WallReading(long Units, long Milliseconds);
}

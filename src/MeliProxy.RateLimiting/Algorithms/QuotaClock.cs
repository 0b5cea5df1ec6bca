namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Turns a <see cref="TimeProvider"/>'s timestamps into the units that counts are kept in.</summary>
/// <remarks>
/// Rates are kept in units of 1/32 ns. That divides the interval between permits finely enough (10 million a second is 3,200 units),
/// leaves room for 7 years of running, and never needs more than an addition to advance. Wall-clock time is derived from the same
/// timestamp and re-read from the provider once a second, so a decision reads one clock.
/// <para>
/// Windows end at moments of wall-clock time. So that a clock that is set back far does not hold keys in windows that end only when it has
/// caught up, it moves the point from which <see cref="QuotaInstant.WallMilliseconds"/> counts: for windows time goes on, and at most an
/// hour of it is skipped. It moves that point likewise when the clock is set forward by years, for which a state has no room.
/// </para>
/// </remarks>
internal sealed class QuotaClock
{
    /// <summary>Units in one millisecond.</summary>
    public const long UnitsPerMillisecond = 32_000_000;

    /// <summary>Units in one <see cref="TimeSpan"/> tick of 100 ns.</summary>
    public const long UnitsPerTick = 3_200;

    /// <summary>The first moment. It is above every special slot state, and leaves as much room for debts.</summary>
    private const long Origin = 1L << 40;

    private const long DayMilliseconds = 86_400_000;
    private const long HourMilliseconds = 3_600_000;
    private const long RereadMilliseconds = 1_000;

    /// <summary>A clock set back by more than this is followed; by less, windows wait for it.</summary>
    private const long PatienceMilliseconds = 10_000;

    /// <summary>A clock set forward by more than this, as one that began in 1970, ends every window; the rest is not counted.</summary>
    private const long LeapMilliseconds = 400 * DayMilliseconds;

    /// <summary>Leaps are followed as long as windows keep room for 7 years of running; a clock may leap again and again.</summary>
    private const long LastLeapMilliseconds = 10 * 365 * DayMilliseconds;

    private readonly TimeProvider _time;
    private readonly long _startTimestamp;
    private readonly long _frequency;
    private readonly bool _nanoseconds;
    private WallReading _wall;

    public QuotaClock(TimeProvider time)
    {
        _time = time;
        _frequency = time.TimestampFrequency;
        _nanoseconds = _frequency == 1_000_000_000;
        _startTimestamp = time.GetTimestamp();
        long unix = time.GetUtcNow().ToUnixTimeMilliseconds();

        // A day of room: windows end after the base even if the clock is set back a little.
        long wallBase = ((unix / DayMilliseconds) - 1) * DayMilliseconds;
        _wall = new WallReading(Origin, unix - wallBase, wallBase);
    }

    public QuotaInstant Now()
    {
        long units = Units();
        WallReading wall = _wall;

        // Negative if another thread has just read the wall clock.
        long since = Math.Max((units - wall.Units) / UnitsPerMillisecond, 0);
        if (since >= RereadMilliseconds)
        {
            _wall = wall = Reread(wall, since);
            (units, since) = (wall.Units, 0);
        }

        return new QuotaInstant(units, wall.Milliseconds + since, wall.BaseUnixMilliseconds);
    }

    /// <summary>A length of time in the units that counts are kept in.</summary>
    public static long Units(TimeSpan time) => time.Ticks * UnitsPerTick;

    /// <summary>Nanoseconds since some moment, for lengths of time.</summary>
    public long Nanoseconds() => Units() >> 5;

    /// <summary>A timer that is not running yet.</summary>
    public ITimer CreateTimer(TimerCallback callback, object state) =>
        _time.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private long Units()
    {
        // Not negative even if a clock made for tests is set back: no state is below the first moment.
        long elapsed = Math.Max(_time.GetTimestamp() - _startTimestamp, 0);
        return Origin + (_nanoseconds ? elapsed << 5 : (long)((Int128)elapsed * 32_000_000_000 / _frequency));
    }

    /// <param name="last">The reading before.</param>
    /// <param name="since">Milliseconds since then, as of a moment that has passed.</param>
    private WallReading Reread(WallReading last, long since)
    {
        // A thread may be held up between any two of these, for as long as the process is stopped. So the wall clock is compared with an
        // earlier timestamp and kept with a later one: it may then look late for a second, but never as if it had been set back.
        long unix = _time.GetUtcNow().ToUnixTimeMilliseconds();
        long units = Units();
        long wallBase = last.BaseUnixMilliseconds;
        long ahead = unix - wallBase - (last.Milliseconds + since);

        // Whole hours, because windows of whole hours are kept as such.
        if (ahead < -PatienceMilliseconds)
        {
            wallBase -= (-ahead + HourMilliseconds - 1) / HourMilliseconds * HourMilliseconds;
        }
        else
        {
            long followed = Math.Clamp(LastLeapMilliseconds - last.Milliseconds - since, HourMilliseconds, LeapMilliseconds);
            wallBase += Math.Max(ahead - followed, 0) / HourMilliseconds * HourMilliseconds;
        }

        return new WallReading(units, unix - wallBase, wallBase);
    }

    private sealed record WallReading(long Units, long Milliseconds, long BaseUnixMilliseconds);
}

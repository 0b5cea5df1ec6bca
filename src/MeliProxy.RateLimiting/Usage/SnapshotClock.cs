namespace MeliProxy.RateLimiting.Usage;

/// <summary>Says when snapshots end: at multiples of an interval, each later than the one before, whatever becomes of the wall clock.</summary>
internal sealed class SnapshotClock
{
    private readonly TimeSpan _interval;

    /// <param name="start">When the first snapshot begins.</param>
    /// <param name="interval">The interval.</param>
    public SnapshotClock(DateTimeOffset start, TimeSpan interval)
    {
        _interval = interval;
        Last = Truncate(start, TimeSpan.FromMilliseconds(1));
    }

    /// <summary>The end of the last snapshot, or the beginning of the first.</summary>
    public DateTimeOffset Last { get; private set; }

    /// <summary>The last multiple of a length of time.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset moment, TimeSpan to) => new(moment.UtcTicks - (moment.UtcTicks % to.Ticks), TimeSpan.Zero);

    /// <summary>How long it is from a moment to the next multiple.</summary>
    public TimeSpan UntilNext(DateTimeOffset now) => _interval - TimeSpan.FromTicks(now.UtcTicks % _interval.Ticks);

    /// <summary>Ends a snapshot; false if its time is not over yet, as timers may be early.</summary>
    public bool TryAdvance(DateTimeOffset now)
    {
        DateTimeOffset earliest = Truncate(Last, _interval) + _interval;
        DateTimeOffset reached = Truncate(now, _interval);
        if (reached == earliest - _interval)
        {
            return false;
        }

        // A clock that was set back goes on from where it was; one that leaps ahead, or a process that was paused, makes a long snapshot.
        Last = reached > earliest ? reached : earliest;
        return true;
    }

    /// <summary>Ends the last snapshot of all.</summary>
    public void End(DateTimeOffset now)
    {
        TimeSpan millisecond = TimeSpan.FromMilliseconds(1);
        DateTimeOffset reached = Truncate(now, millisecond);
        Last = reached > Last ? reached : Last + millisecond;
    }
}

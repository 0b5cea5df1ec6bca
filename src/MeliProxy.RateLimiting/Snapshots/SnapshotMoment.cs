using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Snapshots;

/// <summary>When a snapshot was made, by the clocks of the limiter that writes or reads it; turns states into rows and back.</summary>
/// <param name="Units">That moment in the limiter's units, in which it may lie before the limiter's start and be negative.</param>
/// <param name="SetBackMilliseconds">By how much wall-clock time has gone back since, in whole hours.</param>
internal readonly record struct SnapshotMoment(long Units, long SetBackMilliseconds)
{
    /// <summary>
    /// Nothing is further ahead: a debt of <see cref="RateLimitRule.MaxWindow"/> behind a burst, or a sliding window and the next.
    /// </summary>
    private static readonly TimeSpan MaxAhead = 2 * RateLimitRule.MaxWindow;

    /// <summary>
    /// The moment of a snapshot made at <paramref name="created"/>, seen from <paramref name="utcNow"/>, which was read just before
    /// <paramref name="now"/>.
    /// </summary>
    public static SnapshotMoment SeenFrom(DateTimeOffset created, DateTimeOffset utcNow, in QuotaInstant now)
    {
        TimeSpan since = utcNow - created;
        if (since >= TimeSpan.Zero)
        {
            return new SnapshotMoment(now.Units - (Math.Min(since.Ticks, MaxAhead.Ticks) * QuotaClock.UnitsPerTick), 0);
        }

        // The clock was set back. How much time has passed is not known, so none. Windows are moved by whole hours as QuotaClock moves
        // them, so those of an hour and less still end where windows end.
        long hours = -since.Ticks / TimeSpan.TicksPerHour;
        return new SnapshotMoment(now.Units, hours * (TimeSpan.TicksPerHour / TimeSpan.TicksPerMillisecond));
    }

    /// <summary>The row of a key; false if the key stands as one never seen, or its state ends with the process.</summary>
    public bool TryDescribe(in KeyHash hash, in KeyState state, in QuotaInstant now, out SnapshotRow row)
    {
        row = default;
        if (hash.Kind == SlotKind.TokenBucket)
        {
            row = new SnapshotRow(hash, state.Word - Units);
            return state.Word > now.Units;
        }

        if (hash.Kind is SlotKind.Concurrency or SlotKind.Lease)
        {
            return false;
        }

        WindowLayout layout = WindowLayout.Of(hash.Kind);
        long end = layout.EndMilliseconds(state.Value);
        row = new SnapshotRow(hash, end + now.WallBaseUnixMilliseconds, layout.Count(state.Value));

        // Written even if it has ended: it counts again where the clock is set back a little. A window that is being replaced may be the one
        // before already.
        long previousEnd = layout.EndMilliseconds(state.Previous);
        if (QuotaTable.IsSliding(hash.Kind) && layout.Count(state.Previous) > 0 && previousEnd < end)
        {
            row = row with { PreviousEnd = previousEnd + now.WallBaseUnixMilliseconds, PreviousCount = layout.Count(state.Previous) };
        }

        return end > now.WallMilliseconds && (row.Count > 0 || row.PreviousCount > 0);
    }

    /// <summary>The state of a row's key; false if it is idle by now.</summary>
    public bool TryRestore(in SnapshotRow row, in QuotaInstant now, out KeyState state)
    {
        if (row.Hash.Kind == SlotKind.TokenBucket)
        {
            state = new KeyState(Units + Math.Min(row.End, MaxAhead.Ticks * QuotaClock.UnitsPerTick), 0);
            return state.Word > now.Units;
        }

        WindowLayout layout = WindowLayout.Of(row.Hash.Kind);
        long word = layout.Pack(ToWall(row.End, now), row.Count);
        long end = layout.EndMilliseconds(word);
        state = new KeyState(word, 0);
        if (QuotaTable.IsSliding(row.Hash.Kind))
        {
            // Where there is no window before, an empty one, and like any new key's not one that another key has had in this place.
            long previous = layout.Pack(ToWall(row.PreviousEnd, now), row.PreviousCount);
            long previousEnd = layout.EndMilliseconds(previous);
            state = new KeyState(word, previousEnd > now.WallMilliseconds && previousEnd < end ? previous : layout.Pack(end - 1, 0));
        }

        return end > now.WallMilliseconds;
    }

    /// <summary>Unix time on the scale of <see cref="QuotaInstant.WallMilliseconds"/>; 0 if it lies before that.</summary>
    private long ToWall(long unixMilliseconds, in QuotaInstant now) => Math.Clamp(
        unixMilliseconds - SetBackMilliseconds - now.WallBaseUnixMilliseconds,
        0,
        now.WallMilliseconds + (MaxAhead.Ticks / TimeSpan.TicksPerMillisecond));
}

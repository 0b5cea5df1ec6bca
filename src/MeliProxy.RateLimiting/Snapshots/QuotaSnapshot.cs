using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Snapshots;

/// <summary>Carries the counts of all keys into a stream and out of one.</summary>
internal static class QuotaSnapshot
{
    /// <summary>Writes the keys that are not idle; returns how many.</summary>
    public static long Write(Stream stream, DecisionEngine engine, TimeProvider time, ReadOnlySpan<byte> secret)
    {
        // The limiter's clock goes first here and last on reading, so a pause in between lets buckets fill later, not earlier.
        QuotaInstant now = engine.Clock.Now();
        SnapshotMoment moment = new(now.Units, 0);
        using SnapshotWriter writer = new(stream, secret, time.GetUtcNow());
        for (int i = 0; i < engine.Table.Slots; i++)
        {
            if (engine.Table.TryReadAny(i, out KeyHash hash, out KeyState state))
            {
                // A key used since counts windows by the clock as it stands since.
                now = engine.Clock.Now();
                if (moment.TryDescribe(hash, state, now, out SnapshotRow row))
                {
                    writer.Write(row);
                }
            }
        }

        writer.Complete();
        return writer.Rows;
    }

    /// <summary>Gives keys their counts back, after reading everything once to see that it is in order.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static RestoreResult Read(Stream stream, DecisionEngine engine, TimeProvider time, ReadOnlySpan<byte> secret)
    {
        long start = stream.Position;
        using (SnapshotReader check = new(stream, secret))
        {
            while (check.TryRead(out _))
            {
            }
        }

        stream.Position = start;
        using SnapshotReader reader = new(stream, secret);
        DateTimeOffset utcNow = time.GetUtcNow();
        QuotaInstant now = engine.Clock.Now();
        SnapshotMoment moment = SnapshotMoment.SeenFrom(reader.Created, utcNow, now);
        RestoreResult result = default;
        while (reader.TryRead(out SnapshotRow row))
        {
            now = engine.Clock.Now();
            if (moment.TryRestore(row, now, out KeyState state))
            {
                result = engine.Table.TryRestore(row.Hash, state, now)
                    ? result with { Restored = result.Restored + 1 }
                    : result with { Dropped = result.Dropped + 1 };
            }
        }

        return result;
    }
}

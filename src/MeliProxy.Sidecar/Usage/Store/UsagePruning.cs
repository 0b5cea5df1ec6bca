using Microsoft.Data.Sqlite;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>Removes what is older than it is kept, and the oldest of the finest if the file would become too large.</summary>
/// <remarks>Each step is a transaction of its own, so that readers see a table and from when on it is complete as one.</remarks>
internal sealed class UsagePruning(SqliteConnection connection, UsageStoreOptions options)
{
    /// <summary>How many keys of a rule are kept of a minute and of an hour.</summary>
    private const int KeysOfMinute = 50;
    private const int KeysOfHour = 100;

    /// <summary>A table gives up an eighth of its time at once.</summary>
    private const int Parts = 8;

    private const int MostSteps = 64;

    /// <summary>Begins to make room before there is none.</summary>
    private long Room => options.MaxSize / 10 * 9;

    /// <param name="now">The time.</param>
    /// <param name="lastNow">When it was done last.</param>
    /// <param name="latest">What the time can be at most, so that a clock that leaps ahead does not make all old at once.</param>
    public void Run(DateTimeOffset now, DateTimeOffset lastNow, DateTimeOffset latest)
    {
        DateTimeOffset end = now < latest ? now : latest;
        foreach (Resolution resolution in Resolution.All)
        {
            Cut(resolution, resolution.Floor((end - options.For(resolution)).ToUnixTimeSeconds()));
        }

        KeepTopOf(Resolution.Minute, KeysOfMinute, lastNow, now);
        KeepTopOf(Resolution.Hour, KeysOfHour, lastNow, now);
        for (int i = 0; i < MostSteps && UsedBytes() > Room && CutOldest(); i++)
        {
        }

        // It looks at all keys, so once an hour is enough.
        if (Resolution.Hour.Floor(now.ToUnixTimeSeconds()) != Resolution.Hour.Floor(lastNow.ToUnixTimeSeconds()))
        {
            ForgetKeys();
        }

        long free = connection.Number("PRAGMA freelist_count");
        if (free > Math.Max(connection.Number("PRAGMA page_count") / 4, 256))
        {
            connection.GiveBackRoom();
        }
    }

    /// <summary>Removes keys that nothing refers to any more.</summary>
    private void ForgetKeys() =>
        connection.Run("DELETE FROM top_key WHERE id NOT IN (SELECT key FROM top_minute UNION SELECT key FROM top_hour)");

    private void Cut(Resolution resolution, long since)
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        int rows = 0;
        foreach (string table in UsageSchema.TablesOf(resolution))
        {
            rows += connection.Run($"DELETE FROM {table} WHERE at < $since", ("$since", since));
        }

        if (rows > 0)
        {
            connection.Run("UPDATE kept SET since = max(since, $since) WHERE resolution = $name", ("$since", since), ("$name", resolution.Name));
            transaction.Commit();
        }
    }

    /// <summary>Removes the oldest of the finest; false if nothing is left but the last minute.</summary>
    private bool CutOldest()
    {
        foreach (Resolution resolution in Resolution.All)
        {
            string all = string.Join(" UNION ALL ", UsageSchema.TablesOf(resolution).Select(table => $"SELECT min(at) AS first, max(at) AS last FROM {table}"));
            long first = connection.Number($"SELECT min(first) FROM ({all})");
            long last = connection.Number($"SELECT max(last) FROM ({all})");
            if (last - first >= 60)
            {
                Cut(resolution, resolution.Floor(first + Math.Max((last - first) / Parts, resolution.Seconds)));
                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps the keys with the most hits of the minutes or hours that have ended since it was done last.</summary>
    private void KeepTopOf(Resolution resolution, int count, DateTimeOffset lastNow, DateTimeOffset now)
    {
        long from = resolution.Floor(lastNow.ToUnixTimeSeconds()) - resolution.Seconds;
        long to = resolution.Floor(now.ToUnixTimeSeconds());
        string table = $"top_{resolution.Name}";
        connection.Run(
            $"""
            DELETE FROM {table} WHERE (at, node, rule, key) IN (
              SELECT at, node, rule, key FROM (
                SELECT at, node, rule, key, row_number() OVER (PARTITION BY at, node, rule ORDER BY hits DESC) AS rank
                FROM {table} WHERE at >= $from AND at < $to)
              WHERE rank > $count)
            """,
            ("$from", from), ("$to", to), ("$count", (long)count));
    }

    private long UsedBytes() =>
        (connection.Number("PRAGMA page_count") - connection.Number("PRAGMA freelist_count")) * connection.Number("PRAGMA page_size");
}

using System.Diagnostics.CodeAnalysis;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Usage.History;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>Reads what is stored, beside the writer and without holding it up. For any number of threads, of which two read at a time.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "A semaphore holds nothing but memory.")]
internal sealed class UsageReader(UsageStore store, TimeProvider time)
{
    /// <summary>How many points of all rules or routes together are told at most.</summary>
    private const int MostPoints = 100_000;

    private const int AtOnce = 2;

    private readonly SemaphoreSlim _turns = new(AtOnce);

    /// <summary>How long a question may take.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(2);

    /// <summary>What rules did.</summary>
    /// <param name="range">When, and in which steps at least.</param>
    /// <param name="rule">Only this rule; <see langword="null"/>: all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UsageStoreException">It cannot be told now, which the message says why.</exception>
    public HistoryOf<RuleHistory> ReadRules(HistoryRange range, string? rule, CancellationToken cancellationToken = default) => Read(
        (connection, token) =>
        {
            (HistoryRange known, Resolution resolution) = Fit(connection, range);
            Dictionary<string, RuleHistory> rules = new(StringComparer.Ordinal);
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText =
                $"""
                SELECT at, text, mode, allowed, limited, shadow_limited, delayed, failed, no_room, fail_open, cost, used_share, decision
                FROM rule_{resolution.Name} JOIN name ON name.id = rule
                WHERE at >= $from AND at < $to AND ($name IS NULL OR text = $name) ORDER BY at
                """;
            using SqliteDataReader rows = Query(command, known, rule);
            for (int points = 0; rows.Read();)
            {
                token.ThrowIfCancellationRequested();
                string name = rows.GetString(1);
                if (!rules.TryGetValue(name, out RuleHistory? history))
                {
                    rules.Add(name, history = new RuleHistory(name));
                }

                history.IsShadow = rows.GetInt64(2) != 0;
                int index = known.IndexOf(rows.GetInt64(0));
                if (!history.Points.TryGetValue(index, out RulePoint? point))
                {
                    history.Points.Add(index, point = new RulePoint());
                    ThrowIfTooMany(++points);
                }

                for (int i = 0; i < point.Counts.Length; i++)
                {
                    point.Counts[i] += rows.GetInt64(3 + i);
                }

                point.UsedShare = Math.Max(point.UsedShare, rows.GetDouble(11));
                point.DecisionTime = point.DecisionTime.Add(Histogram(rows, 12));
            }

            return new HistoryOf<RuleHistory>(known, Since(connection), [.. rules.Values.OrderBy(history => history.Rule, StringComparer.Ordinal)]);
        },
        cancellationToken);

    /// <summary>What passed over routes.</summary>
    /// <param name="range">When, and in which steps at least.</param>
    /// <param name="route">Only this route; <see langword="null"/>: all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UsageStoreException">It cannot be told now, which the message says why.</exception>
    public HistoryOf<RouteHistory> ReadRoutes(HistoryRange range, string? route, CancellationToken cancellationToken = default) => Read(
        (connection, token) =>
        {
            (HistoryRange known, Resolution resolution) = Fit(connection, range);
            Dictionary<(string, long), RouteHistory> routes = [];
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText =
                $"""
                SELECT at, text, class, count, bytes_in, bytes_out, duration, upstream
                FROM route_{resolution.Name} JOIN name ON name.id = route
                WHERE at >= $from AND at < $to AND ($name IS NULL OR text = $name) ORDER BY at
                """;
            using SqliteDataReader rows = Query(command, known, route);
            for (int points = 0; rows.Read();)
            {
                token.ThrowIfCancellationRequested();
                (string, long) identity = (rows.GetString(1), rows.GetInt64(2));
                if (!routes.TryGetValue(identity, out RouteHistory? history))
                {
                    routes.Add(identity, history = new RouteHistory(identity.Item1, (int)identity.Item2));
                }

                int index = known.IndexOf(rows.GetInt64(0));
                if (!history.Points.TryGetValue(index, out RoutePoint? point))
                {
                    history.Points.Add(index, point = new RoutePoint());
                    ThrowIfTooMany(++points);
                }

                point.Count += rows.GetInt64(3);
                point.BytesIn += rows.GetInt64(4);
                point.BytesOut += rows.GetInt64(5);
                point.Duration = point.Duration.Add(Histogram(rows, 6));
                point.UpstreamTime = point.UpstreamTime.Add(Histogram(rows, 7));
            }

            return new HistoryOf<RouteHistory>(
                known,
                Since(connection),
                [.. routes.Values.OrderBy(history => history.Route, StringComparer.Ordinal).ThenBy(history => history.StatusClass)]);
        },
        cancellationToken);

    /// <summary>The keys that used rules most: minute by minute at the edges of a long time, and by the hour within.</summary>
    /// <param name="range">When; from minute to minute, or from hour to hour where no minutes are stored any more.</param>
    /// <param name="rule">Of this rule; <see langword="null"/>: of all.</param>
    /// <param name="count">How many keys.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UsageStoreException">It cannot be told now, which the message says why.</exception>
    public HistoryOf<KeyHits> ReadTop(HistoryRange range, string? rule, int count, CancellationToken cancellationToken = default) => Read(
        (connection, token) =>
        {
            HistoryRange known = range.By(Resolution.Minute.Seconds);
            bool hasMinutes = KeptSince(connection, Resolution.Minute) <= known.From;
            if (!hasMinutes)
            {
                known = known.By(Resolution.Hour.Seconds);
            }

            long hour = Resolution.Hour.Seconds;
            long firstHour = Resolution.Hour.Floor(known.From + hour - 1);
            long lastHour = Math.Max(Resolution.Hour.Floor(known.To), firstHour);
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText =
                """
                SELECT text, parts, sum(hits), sum(limited), sum(error) FROM (
                  SELECT rule, key, hits, limited, error FROM top_minute
                    WHERE (at >= $from AND at < min($firstHour, $to)) OR (at >= $lastHour AND at < $to)
                  UNION ALL
                  SELECT rule, key, hits, limited, error FROM top_hour WHERE at >= $firstHour AND at < $lastHour)
                JOIN name ON name.id = rule JOIN top_key ON top_key.id = key
                WHERE $name IS NULL OR text = $name
                GROUP BY rule, key ORDER BY 3 DESC, 1, 2 LIMIT $count
                """;
            command.Parameters.AddWithValue("$from", known.From);
            command.Parameters.AddWithValue("$to", known.To);
            command.Parameters.AddWithValue("$firstHour", firstHour);
            command.Parameters.AddWithValue("$lastHour", lastHour);
            command.Parameters.AddWithValue("$name", (object?)rule ?? DBNull.Value);
            command.Parameters.AddWithValue("$count", (long)count);
            List<KeyHits> keys = [];
            using SqliteDataReader rows = command.ExecuteReader();
            while (rows.Read())
            {
                token.ThrowIfCancellationRequested();
                keys.Add(new KeyHits(rows.GetString(0), rows.GetString(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4)));
            }

            return new HistoryOf<KeyHits>(known, Since(connection), keys);
        },
        cancellationToken);

    private static LatencyHistogram Histogram(SqliteDataReader rows, int column) =>
        LatencyHistogram.TryRead(rows.GetFieldValue<byte[]>(column)) ?? LatencyHistogram.Empty;

    private static void ThrowIfTooMany(int points)
    {
        if (points > MostPoints)
        {
            throw new UsageStoreException($"that is more than {MostPoints:N0} points; ask for one rule or route, a shorter time or a longer step");
        }
    }

    /// <summary>The resolution to be read, and the range in steps that it can tell.</summary>
    private static (HistoryRange, Resolution) Fit(SqliteConnection connection, HistoryRange range)
    {
        Resolution resolution = range.FinestResolution();
        long since = KeptSince(connection, resolution);
        foreach (Resolution coarser in Resolution.All)
        {
            if (coarser.Seconds > resolution.Seconds && since > range.From && KeptSince(connection, coarser) is var earlier && earlier < since)
            {
                resolution = coarser;
                since = earlier;
            }
        }

        return (range.By(Math.Max(range.Step, resolution.Seconds)), resolution);
    }

    /// <summary>From when on a resolution has all that happened.</summary>
    private static long KeptSince(SqliteConnection connection, Resolution resolution) =>
        connection.Number("SELECT since FROM kept WHERE resolution = $name", ("$name", resolution.Name));

    private static long? Since(SqliteConnection connection)
    {
        Resolution finest = Resolution.All.FirstOrDefault(resolution => KeptSince(connection, resolution) == 0, Resolution.Hour);
        long since = connection.Number(
            $"""
            SELECT min(at) FROM (SELECT min(at) AS at FROM rule_{finest.Name} UNION ALL SELECT min(at) FROM route_{finest.Name})
            """);
        return since == 0 ? null : since;
    }

    private static SqliteDataReader Query(SqliteCommand command, HistoryRange range, string? name)
    {
        command.Parameters.AddWithValue("$from", range.From);
        command.Parameters.AddWithValue("$to", range.To);
        command.Parameters.AddWithValue("$name", (object?)name ?? DBNull.Value);
        return command.ExecuteReader();
    }

    private T Read<T>(Func<SqliteConnection, CancellationToken, T> read, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        bool hasTurn = false;
        bool isOpen = false;
        try
        {
#pragma warning disable RS0030 // Not on the way of a request to an upstream: history is read on threads that may wait.
            _turns.Wait(either.Token);
#pragma warning restore RS0030
            hasTurn = true;
            isOpen = store.IsOpen;
            if (!isOpen && !store.IsHeld)
            {
                throw NotOpen();
            }

            // What cannot be written now may be read all the same.
            using SqliteConnection connection = StoreConnection.Open(store.Path, SqliteOpenMode.ReadOnly);
            if (!isOpen && !UsageSchema.IsIn(connection))
            {
                throw NotOpen();
            }

            using CancellationTokenRegistration interrupt = either.Token.Register(() => raw.sqlite3_interrupt(connection.Handle));
            using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
            return read(connection, either.Token);
        }
        catch (Exception e) when (
            e is OperationCanceledException or SqliteException { SqliteErrorCode: raw.SQLITE_INTERRUPT } && !cancellationToken.IsCancellationRequested)
        {
            throw new UsageStoreException("it takes too long to read all of that; ask for a shorter time or a longer step", e);
        }
        catch (SqliteException) when (!isOpen)
        {
            throw NotOpen();
        }
        catch (DllNotFoundException) when (!isOpen)
        {
            throw NotOpen();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_CANTOPEN)
        {
            store.LookForFile();
            throw new UsageStoreException($"{store.Path} cannot be opened; if it was removed, it is made anew in a moment", e);
        }
        catch (SqliteException e)
        {
            if (e.SaysDamaged())
            {
                store.Suspect();
            }

            throw new UsageStoreException(StoreProblem.Describe(e, store.Path), e);
        }
        finally
        {
            if (hasTurn)
            {
                _turns.Release();
            }
        }
    }

    private UsageStoreException NotOpen() => new(store.Status.Problem ?? "the usage store is not open yet");
}

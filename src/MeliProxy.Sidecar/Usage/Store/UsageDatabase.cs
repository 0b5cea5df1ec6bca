using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;
using Microsoft.Data.Sqlite;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>The store's one writer. After an exception it is to be opened anew, as what it knows of names may not have been committed.</summary>
internal sealed class UsageDatabase : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, long> _names = new(StringComparer.Ordinal);
    private readonly SqliteCommand _makeName;
    private readonly SqliteCommand _findName;
    private readonly SqliteCommand _makeKey;
    private readonly SqliteCommand _findKey;
    private readonly SqliteCommand[] _rules;
    private readonly SqliteCommand[] _routes;
    private readonly SqliteCommand[] _keys;

    public UsageDatabase(SqliteConnection connection)
    {
        _connection = connection;
        _makeName = Command("INSERT INTO name(text) VALUES($0) ON CONFLICT DO NOTHING", 1);
        _findName = Command("SELECT id FROM name WHERE text = $0", 1);
        _makeKey = Command("INSERT INTO top_key(parts) VALUES($0) ON CONFLICT DO NOTHING", 1);
        _findKey = Command("SELECT id FROM top_key WHERE parts = $0", 1);
        _rules = [.. Resolution.All.Select(resolution => Command(
            $"""
            INSERT INTO rule_{resolution.Name} VALUES({Values(14)}) ON CONFLICT DO UPDATE SET
              mode = excluded.mode, allowed = allowed + excluded.allowed, limited = limited + excluded.limited,
              shadow_limited = shadow_limited + excluded.shadow_limited, delayed = delayed + excluded.delayed,
              failed = failed + excluded.failed, no_room = no_room + excluded.no_room, fail_open = fail_open + excluded.fail_open,
              cost = cost + excluded.cost, used_share = max(used_share, excluded.used_share),
              decision = add_histograms(decision, excluded.decision)
            """,
            14))];
        _routes = [.. Resolution.All.Select(resolution => Command(
            $"""
            INSERT INTO route_{resolution.Name} VALUES({Values(9)}) ON CONFLICT DO UPDATE SET
              count = count + excluded.count, bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out,
              duration = add_histograms(duration, excluded.duration), upstream = add_histograms(upstream, excluded.upstream)
            """,
            9))];
        _keys = [.. Resolution.All.Skip(1).Select(resolution => Command(
            $"""
            INSERT INTO top_{resolution.Name} VALUES({Values(7)}) ON CONFLICT DO UPDATE SET
              hits = hits + excluded.hits, limited = limited + excluded.limited, error = error + excluded.error
            """,
            7))];
    }

    /// <summary>Adds snapshots, all or none of them.</summary>
    /// <exception cref="SqliteException">They cannot be written now.</exception>
    public void Write(IReadOnlyList<StorableSnapshot> snapshots)
    {
        // In words, as the commands were made before. After an exception the connection is closed, which rolls it back.
        _connection.Run("BEGIN IMMEDIATE");
        foreach (StorableSnapshot snapshot in snapshots)
        {
            if (!snapshot.IsEmpty)
            {
                Write(snapshot);
            }
        }

        _connection.Run("COMMIT");
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in (IEnumerable<SqliteCommand>)[_makeName, _findName, _makeKey, _findKey, .. _rules, .. _routes, .. _keys])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private static string Values(int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => $"${i}"));

    private static long Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command.ExecuteScalar() is long number ? number : 0;
    }

    private void Write(StorableSnapshot stored)
    {
        UsageSnapshot snapshot = stored.Snapshot;
        long node = Name(snapshot.Node);
        for (int i = 0; i < Resolution.All.Count; i++)
        {
            long at = Resolution.All[i].Floor(stored.At);
            foreach (RuleUsage rule in snapshot.Rules)
            {
                Run(
                    _rules[i], at, node, Name(rule.Rule), rule.Mode == RuleMode.Shadow ? 1L : 0L, rule.Allowed, rule.Limited, rule.ShadowLimited,
                    rule.Delayed, rule.Failed, rule.NoRoom, rule.FailOpen, rule.Cost, Finite(rule.UsedShare), rule.DecisionTime.ToBytes());
            }

            foreach (RouteUsage route in snapshot.Routes)
            {
                Run(
                    _routes[i], at, node, Name(route.Route), (long)route.StatusClass, route.Count, route.BytesIn, route.BytesOut,
                    route.Duration.ToBytes(), route.UpstreamTime.ToBytes());
            }

            foreach (KeyHits key in i > 0 ? stored.Keys : [])
            {
                Run(_keys[i - 1], at, node, Name(key.Rule), Key(key.Key), key.Hits, key.Limited, key.Error);
            }
        }
    }

    /// <summary>SQLite keeps no NaN but takes it for nothing at all.</summary>
    private static double Finite(double share) => double.IsFinite(share) ? share : 0;

    private long Name(string name)
    {
        if (!_names.TryGetValue(name, out long id))
        {
            Run(_makeName, name);
            id = Run(_findName, name);
            _names.Add(name, id);
        }

        return id;
    }

    private long Key(string parts)
    {
        Run(_makeKey, parts);
        return Run(_findKey, parts);
    }

    private SqliteCommand Command(string sql, int parameters)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < parameters; i++)
        {
            SqliteParameter parameter = command.CreateParameter();
            parameter.ParameterName = $"${i}";
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

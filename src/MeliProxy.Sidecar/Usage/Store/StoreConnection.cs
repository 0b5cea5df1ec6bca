using System.Diagnostics.CodeAnalysis;
using MeliProxy.RateLimiting.Usage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>Opens connections to the store's file, and runs what takes one line.</summary>
internal static class StoreConnection
{
    private const int BusySeconds = 5;

    private static readonly Lazy<bool> Library = new(() =>
    {
        Batteries_V2.Init();
        return true;
    });

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file, which exists.</param>
    /// <param name="mode">Whether it is to be written.</param>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    /// <exception cref="DllNotFoundException">The library of SQLite is missing.</exception>
    public static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        _ = Library.Value;
        SqliteConnection connection = new(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        }.ToString());
        try
        {
            connection.Open();
            connection.CreateFunction<byte[], byte[], byte[]>("add_histograms", Add, isDeterministic: true);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that give nothing back.</summary>
    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "All of it is in this program.")]
    public static int Run(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Add(parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>The one number that a statement gives; 0 if it gives none.</summary>
    [SuppressMessage("Security", "CA2100:Review SQL queries for security vulnerabilities", Justification = "All of it is in this program.")]
    public static long Number(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Add(parameters);
        return command.ExecuteScalar() is long number ? number : 0;
    }

    /// <summary>Gives room that rows have left back to the file system.</summary>
    public static void GiveBackRoom(this SqliteConnection connection)
    {
        // It takes a step for each page, which a command would not make.
        int result = raw.sqlite3_prepare_v2(connection.Handle, "PRAGMA incremental_vacuum", out sqlite3_stmt statement);
        using (statement)
        {
            while (result is raw.SQLITE_OK or raw.SQLITE_ROW)
            {
                result = raw.sqlite3_step(statement);
            }
        }

        SqliteException.ThrowExceptionForRC(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result, connection.Handle);
    }

    /// <summary>Whether what went wrong says that the file itself is damaged, or something else than a database.</summary>
    public static bool SaysDamaged(this SqliteException e) => e.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    private static void Add(this SqliteCommand command, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }
    }

    private static byte[] Add(byte[] x, byte[] y) =>
        (LatencyHistogram.TryRead(x) ?? LatencyHistogram.Empty).Add(LatencyHistogram.TryRead(y) ?? LatencyHistogram.Empty).ToBytes();
}

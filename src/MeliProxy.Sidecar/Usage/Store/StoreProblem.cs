using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>Says for people why the store cannot be used.</summary>
internal static class StoreProblem
{
    public static string Describe(Exception e, string path) => e switch
    {
        SqliteException { SqliteErrorCode: raw.SQLITE_FULL } => $"the disk of {path} is full",
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } => $"{path} is locked by another program",
        SqliteException { SqliteErrorCode: raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM } =>
            $"{path} cannot be written. Set usage.store to another file, or to null",
        SqliteException => $"{path}: {e.Message.TrimEnd('.')}",
        DllNotFoundException or TypeInitializationException => "the library e_sqlite3 is missing; put it beside the program, as it was published",
        _ => e.Message.TrimEnd('.'),
    };
}

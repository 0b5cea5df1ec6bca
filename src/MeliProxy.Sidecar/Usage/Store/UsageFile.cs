using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>The file of the store, held so that no other sidecar writes to it.</summary>
internal sealed class UsageFile : IDisposable
{
    /// <summary>The size of the smallest page.</summary>
    private const int SmallestDatabase = 512;

    private const string DatabaseExtension = ".db";

    private const int LockedOnLinux = 11;
    private const int LockedOnMac = 35;
    private const int LockedOnWindows = unchecked((int)0x80070020);

    private static readonly string[] Companions = ["-wal", "-shm"];

    private readonly FileStream _lock;
    private readonly FileIdentity?[] _companions = new FileIdentity?[Companions.Length];
    private FileIdentity? _opened;

    private UsageFile(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <summary>Takes the file, or its place if there is none.</summary>
    /// <exception cref="UsageStoreException">Another process has it, or it cannot be written.</exception>
    public static UsageFile Take(string path)
    {
        try
        {
            // The lock is beside the file itself, so that no link to it gets round the lock.
            path = FinalTarget(path);
            if (FileIdentity.Of(path) is { IsRegular: false })
            {
                throw new UsageStoreException($"{path} is no regular file. Set usage.store to another file, or to null");
            }

            return new UsageFile(path, new FileStream(path + ".lock", OwnersOnly(FileMode.OpenOrCreate)));
        }
        catch (IOException e) when (e.HResult is LockedOnLinux or LockedOnMac or LockedOnWindows)
        {
            throw new UsageStoreException(
                $"{path} is in use by another sidecar. Set usage.store to a file of its own for each, or to null", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageStoreException($"{path} cannot be written: {e.Message} Set usage.store to another file, or to null", e);
        }
    }

    /// <summary>Opens the database in it, made anew if there is none.</summary>
    /// <param name="now">The time, which the name of what is set aside tells.</param>
    /// <param name="setAside">What was set aside and why, for people; <see langword="null"/> if nothing was.</param>
    /// <exception cref="UsageStoreException">It cannot be used, and not be set aside either.</exception>
    /// <exception cref="SqliteException">It cannot be used now.</exception>
    public SqliteConnection Open(DateTimeOffset now, out string? setAside)
    {
        setAside = SetAsideIfDamaged(now, out SqliteConnection? connection);
        connection ??= OpenOrFindUnusable(out string? why) ?? throw new UsageStoreException($"{Path} {why}");
        try
        {
            // Left by a clock that was ahead. From now on all is stored again.
            long second = now.ToUnixTimeSeconds();
            if (connection.Number("SELECT count(*) FROM kept WHERE since > $now", ("$now", second)) > 0)
            {
                connection.Run("UPDATE kept SET since = $now WHERE since > $now", ("$now", second));
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        _opened = FileIdentity.Of(Path);
        RememberCompanions();
        return connection;
    }

    /// <summary>Whether what was opened last is not there any more, so that what is written to it is lost.</summary>
    public bool IsGone()
    {
        if (FileIdentity.Of(Path) != _opened)
        {
            return true;
        }

        RememberCompanions();
        return false;
    }

    /// <summary>Removes what belonged to a file that is gone, once it is closed. It would be taken for the new one's.</summary>
    public void RemoveCompanions()
    {
        for (int i = 0; i < Companions.Length; i++)
        {
            string companion = Path + Companions[i];
            if (_companions[i] is { } known && FileIdentity.Of(companion) == known)
            {
                try
                {
                    File.Delete(companion);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new UsageStoreException($"{companion} is left of a file that was removed, and cannot be removed: {e.Message}", e);
                }
            }
        }
    }

    private void RememberCompanions()
    {
        for (int i = 0; i < Companions.Length; i++)
        {
            _companions[i] = FileIdentity.Of(Path + Companions[i]);
        }
    }

    private static string FinalTarget(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (FileNotFoundException)
        {
            return path;
        }
    }

    /// <summary>Keeps a file that cannot be used where people can look at it, with what belongs to it.</summary>
    /// <returns>What was done and why, for people.</returns>
    private string SetAside(DateTimeOffset now, string why)
    {
        string time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string aside = $"{Path}.corrupt-{time}";
        for (int i = 2; File.Exists(aside); i++)
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{Path}.corrupt-{time}-{i}");
        }

        try
        {
            foreach (string end in (ReadOnlySpan<string>)["", "-wal", "-shm"])
            {
                if (File.Exists(Path + end))
                {
                    File.Move(Path + end, aside + end, overwrite: true);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageStoreException($"{Path} {why}, and it cannot be moved away: {e.Message}", e);
        }

        return $"{Path} {why}; it was moved to {aside}, and usage is stored anew";
    }

    public void Dispose() => _lock.Dispose();

    private string? SetAsideIfDamaged(DateTimeOffset now, out SqliteConnection? connection)
    {
        try
        {
            connection = OpenOrFindUnusable(out string? why);
            return connection is null ? SetAside(now, why!) : null;
        }
        catch (SqliteException e) when (e.SaysDamaged())
        {
            if (!IsOurs())
            {
                throw NoDatabase(e);
            }

            connection = null;
            return SetAside(now, $"is damaged: {e.Message.TrimEnd('.')}");
        }
    }

    private UsageStoreException NoDatabase(Exception? inner) =>
        new($"{Path} is no database of usage, so it is left alone. Set usage.store to another file, or to null", inner!);

    /// <summary>
    /// Whether a file that SQLite does not read begins as the store does, or is named as a database and has lost its beginning. Anything else may
    /// be of use to somebody, and is not to be moved about.
    /// </summary>
    private bool IsOurs()
    {
        const int ApplicationIdAt = 68;
        Span<byte> header = stackalloc byte[ApplicationIdAt + sizeof(int)];
        try
        {
            using FileStream file = new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            int length = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
            return length == header.Length && header.StartsWith("SQLite format 3\0"u8)
                ? BinaryPrimitives.ReadInt32BigEndian(header[ApplicationIdAt..]) == UsageSchema.ApplicationId
                : Path.EndsWith(DatabaseExtension, StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageStoreException($"{Path} cannot be read: {e.Message} Set usage.store to another file, or to null", e);
        }
    }

    private SqliteConnection? OpenOrFindUnusable(out string? why)
    {
        try
        {
            // Made here, so that only its user may read it: keys can be addresses of clients.
            using FileStream made = new(Path, OwnersOnly(FileMode.CreateNew));
        }
        catch (IOException) when (File.Exists(Path))
        {
            // SQLite would take so short a file for an empty database, and write over it.
            if (new FileInfo(Path).Length is > 0 and < SmallestDatabase)
            {
                why = "is damaged: it is too short for a database";
                return IsOurs() ? null : throw NoDatabase(null);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageStoreException($"{Path} cannot be made: {e.Message} Set usage.store to another file, or to null", e);
        }

        SqliteConnection connection = StoreConnection.Open(Path, SqliteOpenMode.ReadWrite);
        try
        {
            why = Prepare(connection);
            if (why is null)
            {
                return connection;
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        return null;
    }

    /// <summary>Makes a new database ready, or finds out why one that is there cannot be used.</summary>
    private string? Prepare(SqliteConnection connection)
    {
        bool isNew = connection.Number("SELECT count(*) FROM sqlite_schema") == 0;
        long application = connection.Number("PRAGMA application_id");
        long version = connection.Number("PRAGMA user_version");
        if (!isNew && application != UsageSchema.ApplicationId)
        {
            // Somebody's data, which is not to be moved about.
            throw new UsageStoreException($"{Path} is a database of another program. Set usage.store to another file, or to null");
        }

        if (!isNew && version != UsageSchema.Version)
        {
            return "was written by another version of the program";
        }

        if (isNew)
        {
            connection.Run("PRAGMA auto_vacuum = INCREMENTAL");
        }
        else if (connection.Number("SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'") > 0)
        {
            return "is damaged";
        }

        connection.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 8388608");
        if (isNew)
        {
            using SqliteTransaction transaction = connection.BeginTransaction();
            connection.Run(UsageSchema.Create);
            transaction.Commit();
        }

        return null;
    }

    private static FileStreamOptions OwnersOnly(FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}

using MeliProxy.RateLimiting.Usage;
using Microsoft.Data.Sqlite;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>Keeps usage in a SQLite file, by the second, minute and hour. Whatever happens to the file, requests do not notice.</summary>
internal sealed partial class UsageStore : IUsageSink, IAsyncDisposable
{
    /// <summary>How many snapshots wait at most: those of five minutes.</summary>
    public const int Capacity = 300;

    /// <summary>How many keys of a rule a list of top keys has at most: those that the reporter tells.</summary>
    private const int TopKeys = 20;

    private const int MostInTransaction = 60;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly UsageStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<UsageStore> _logger;
    private readonly KeyHitsEstimate _keyHits = new(TopKeys);
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Queue<UsageSnapshot> _queue = [];
    private readonly List<StorableSnapshot> _inHand = [];
    private readonly Thread _writer;

    private long _dropped;
    private int _lost;
    private bool _isWriting;
    private bool _isEnding;
    private volatile bool _isSuspect;
    private volatile bool _isHeld;
    private volatile bool _isOpen;
    private volatile string? _problem;

    // The writer's own.
    private UsageFile? _file;
    private SqliteConnection? _connection;
    private UsageDatabase? _database;
    private DateTimeOffset _retryAt;
    private DateTimeOffset _prunedAt;
    private DateTimeOffset _startedAt;
    private long _startStamp;

    private UsageStore(UsageStoreOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        _logger = loggers.CreateLogger<UsageStore>();
        Reader = new UsageReader(this, time);
        _writer = new Thread(WriteUntilEnd) { IsBackground = true, Name = "usage store" };
    }

    /// <summary>Answers questions about what is stored.</summary>
    public UsageReader Reader { get; }

    public string Path => _options.Path;

    /// <inheritdoc/>
    public string Name => "sqlite";

    /// <inheritdoc/>
    public SinkStatus Status
    {
        get
        {
            lock (_gate)
            {
                return new SinkStatus(Name, _queue.Count + _inHand.Count, _dropped, _problem);
            }
        }
    }

    /// <summary>Whether the file is this store's to read: another sidecar's is told by that one.</summary>
    public bool IsHeld => _isHeld;

    /// <summary>Whether the file is open for writing, and so known to be good.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Begins to store. Returns at once; the file is opened meanwhile.</summary>
    public static UsageStore Start(UsageStoreOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        UsageStore store = new(options with { Path = System.IO.Path.GetFullPath(options.Path) }, time, loggers);
        store._writer.Start();
        return store;
    }

    /// <inheritdoc/>
    public void Take(UsageSnapshot snapshot)
    {
        lock (_gate)
        {
            if (_isEnding)
            {
                _dropped++;
                return;
            }

            if (_queue.Count + _inHand.Count >= Capacity)
            {
                DropOldest();
            }

            _queue.Enqueue(snapshot);
        }

        _wake.Set();
    }

    /// <summary>Has the file looked at before more is written: a reader found it damaged.</summary>
    public void Suspect()
    {
        _isSuspect = true;
        _wake.Set();
    }

    /// <summary>Has the file looked for: a reader did not find it.</summary>
    public void LookForFile() => _wake.Set();

    /// <summary>Writes what has been taken, for five seconds at most, and lets the file go. Safe to call again.</summary>
    public async ValueTask DisposeAsync()
    {
        bool isFirst;
        lock (_gate)
        {
            isFirst = !_isEnding;
            _isEnding = true;
        }

        _wake.Set();
        bool hasEnded = await Task.Run(() => _writer.Join(EndPatience));
        int lost;
        lock (_gate)
        {
            lost = hasEnded ? _lost : _queue.Count + _inHand.Count;
        }

        if (lost > 0 && isFirst)
        {
            LogLost(Path, lost);
        }
    }

    private void DropOldest()
    {
        if (!_isWriting && _inHand.Count > 0)
        {
            _inHand.RemoveAt(0);
        }
        else
        {
            _queue.Dequeue();
        }

        _dropped++;
    }

    private void WriteUntilEnd()
    {
        _startStamp = _time.GetTimestamp();
        _startedAt = _prunedAt = _time.GetUtcNow();
        while (true)
        {
            StorableSnapshot[] batch = TakeInHand(_time.GetUtcNow() >= _retryAt, out bool isLast);
            bool isDone = _isWriting && TryWrite(batch);
            lock (_gate)
            {
                _isWriting = false;
                if (isDone)
                {
                    _inHand.Clear();
                }

                if (isLast && (!isDone || _queue.Count == 0))
                {
                    _lost = _queue.Count + _inHand.Count;
                    _dropped += _lost;
                    break;
                }

                if (isDone && _queue.Count > 0)
                {
                    continue;
                }
            }

#pragma warning disable RS0030 // On a thread of its own.
            _wake.WaitOne();
#pragma warning restore RS0030
        }

        Close();
        _file?.Dispose();
    }

    private StorableSnapshot[] TakeInHand(bool isDue, out bool isLast)
    {
        lock (_gate)
        {
            isLast = _isEnding;
            _isWriting = isDue || isLast;
            while (_inHand.Count < MostInTransaction && _queue.TryDequeue(out UsageSnapshot? snapshot))
            {
                _inHand.Add(new StorableSnapshot(
                    snapshot, snapshot.TopKeys.Count > 0 ? _keyHits.Next(snapshot.TopKeys, snapshot.To) : []));
            }

            return [.. _inHand];
        }
    }

    /// <summary>Writes what is in hand; false if that is to be tried again later.</summary>
    private bool TryWrite(StorableSnapshot[] batch)
    {
        for (bool isSecondTry = false; ; isSecondTry = true)
        {
            try
            {
                Write(batch);
                SetProblem(null);
                return true;
            }
            catch (SqliteException e) when (e.SaysDamaged() && !isSecondTry)
            {
                _isSuspect = true;
            }
            catch (Exception e) when (e is SqliteException or UsageStoreException or DllNotFoundException or TypeInitializationException)
            {
                Close();
                SetProblem(StoreProblem.Describe(e, Path));
                _retryAt = _time.GetUtcNow() + RetryInterval;
                return false;
            }
#pragma warning disable CA1031 // Whatever is wrong with a snapshot, it must not end the thread, nor be tried for ever.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Close();
                LogFailed(e, batch.Length);
                lock (_gate)
                {
                    _dropped += batch.Length;
                }

                return true;
            }
        }
    }

    private void Write(StorableSnapshot[] batch)
    {
        DateTimeOffset now = _time.GetUtcNow();
        _file ??= UsageFile.Take(Path);
        _isHeld = true;
        if (_database is not null && _file.IsGone())
        {
            Close();
            LogGone(_file.Path);
            _file.RemoveCompanions();
        }

        if (_isSuspect)
        {
            // It is looked through when it is opened.
            Close();
            _isSuspect = false;
        }

        if (_database is null)
        {
            _connection = _file.Open(now, out string? setAside);
            _database = new UsageDatabase(_connection);
            if (setAside is not null)
            {
                LogSetAside(setAside);
            }

            _isOpen = true;
        }

        if (batch.Any(snapshot => !snapshot.IsEmpty))
        {
            _database.Write(batch);
        }

        if (now - _prunedAt >= PruneInterval || now < _prunedAt)
        {
            new UsagePruning(_connection!, _options).Run(now, _prunedAt, _startedAt + _time.GetElapsedTime(_startStamp));
            _prunedAt = now;
        }
    }

    private void Close()
    {
        _isOpen = false;
        _database?.Dispose();
        _connection?.Dispose();
        _database = null;
        _connection = null;
    }

    private void SetProblem(string? problem)
    {
        string? before = _problem;
        _problem = problem;
        if (problem is not null && problem != before)
        {
            LogProblem(problem);
        }
        else if (problem is null && before is not null)
        {
            LogRecovered(Path);
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "Usage is not stored: {Problem}. It is tried again every minute")]
    private partial void LogProblem(string problem);

    [LoggerMessage(41, LogLevel.Information, "Usage is stored again, in {File}")]
    private partial void LogRecovered(string file);

    [LoggerMessage(42, LogLevel.Warning, "{What}")]
    private partial void LogSetAside(string what);

    [LoggerMessage(43, LogLevel.Error, "{Snapshots} snapshots of usage could not be stored and are lost")]
    private partial void LogFailed(Exception e, int snapshots);

    [LoggerMessage(44, LogLevel.Warning, "Snapshots of usage that {File} had not stored when the process ended: {Snapshots}; they are lost")]
    private partial void LogLost(string file, int snapshots);

    [LoggerMessage(45, LogLevel.Warning, "{File} was removed or replaced while it was in use; what it had is gone, and usage is stored anew")]
    private partial void LogGone(string file);
}

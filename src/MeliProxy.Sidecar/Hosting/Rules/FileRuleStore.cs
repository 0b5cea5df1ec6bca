using MeliProxy.RateLimiting.Control;

namespace MeliProxy.Sidecar.Hosting.Rules;

/// <summary>Keeps the rule document in a file beside the configuration, so that changes survive a restart.</summary>
/// <remarks>
/// What only the configuration says is not written, so that there is no file until somebody changes a rule. Several processes may have the same
/// file: each looks once a second whether another has written.
/// </remarks>
internal sealed partial class FileRuleStore : IRuleStore, IDisposable
{
    private const int Attempts = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly RuleFile _file;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private readonly TimeProvider _time;
    private RuleDocument _document;
    private (DateTime, long) _seen;

    /// <param name="file">The file.</param>
    /// <param name="seed">What there is while there is no file.</param>
    /// <param name="time">The clock of its looks at the file.</param>
    /// <param name="logger">Where it logs.</param>
    public FileRuleStore(RuleFile file, RuleDocument seed, TimeProvider time, ILogger logger)
    {
        _file = file;
        _logger = logger;
        _time = time;
        _seen = file.Stamp;
        _document = OpenOr(seed);
        _timer = time.CreateTimer(_ => Look(), null, Interval, Interval);
    }

    public event Action? Changed;

    public RuleDocument Document => Volatile.Read(ref _document);

    public string Kind => "file";

    public bool IsCutOff => false;

    public Task RefreshAsync(CancellationToken cancellationToken)
    {
        Look();
        return Task.CompletedTask;
    }

    public async Task<bool> TryReplaceAsync(RuleDocument expected, RuleDocument replacement, CancellationToken cancellationToken)
    {
        bool hasChanged = false;
        bool isReplaced = false;
        for (int attempt = 1; !TryReplace(expected, replacement, out hasChanged, out isReplaced); attempt++)
        {
            if (attempt == Attempts)
            {
                throw new RuleStoreException($"another process keeps {_file.Path} locked; try again");
            }

            await Task.Delay(Pause, _time, cancellationToken);
        }

        if (hasChanged)
        {
            Changed?.Invoke();
        }

        return isReplaced;
    }

    public void Dispose() => _timer.Dispose();

    private RuleDocument OpenOr(RuleDocument seed)
    {
        try
        {
            return _file.Read() ?? seed;
        }
        catch (InvalidDataException e)
        {
            SetAside(e.Message);
            return seed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            LogUnreadable(_file.Path, e.Message);
            return seed;
        }
    }

    private void SetAside(string problem)
    {
        try
        {
            LogSetAside(_file.Path, problem, _file.SetAside());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(_file.Path, $"{problem}; and it cannot be moved away: {e.Message}");
        }
    }

    /// <summary>Replaces the document, or finds out that it is another; false if another process writes just now.</summary>
    private bool TryReplace(RuleDocument expected, RuleDocument replacement, out bool hasChanged, out bool isReplaced)
    {
        lock (_gate)
        {
            hasChanged = false;
            isReplaced = false;
            if (_document != expected)
            {
                return true;
            }

            if (replacement.IsFromConfiguration)
            {
                Volatile.Write(ref _document, replacement);
                hasChanged = isReplaced = true;
                return true;
            }

            try
            {
                using FileStream? held = _file.TryLock();
                if (held is null)
                {
                    return false;
                }

                isReplaced = _file.Read() is not { } written || IsSame(written, expected) || !Take(written);
                if (isReplaced)
                {
                    _file.Write(replacement);
                    _seen = _file.Stamp;
                    Volatile.Write(ref _document, replacement);
                }

                hasChanged = true;
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
            {
                throw new RuleStoreException($"the rules cannot be kept in {_file.Path}, so they were not changed: {e.Message.TrimEnd('.')}", e);
            }
        }
    }

    private bool Take(RuleDocument written)
    {
        Volatile.Write(ref _document, written);
        return true;
    }

    /// <summary>Whether another process has written the file, and what.</summary>
    private void Look()
    {
        try
        {
            lock (_gate)
            {
                (DateTime, long) stamp = _file.Stamp;
                if (stamp == _seen)
                {
                    return;
                }

                _seen = stamp;
                if (_file.Read() is not { } written || IsSame(written, _document))
                {
                    return;
                }

                Volatile.Write(ref _document, written);
            }

            Changed?.Invoke();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
        {
            LogUnreadable(_file.Path, e.Message);
        }
    }

    private static bool IsSame(RuleDocument x, RuleDocument y) => x.Id == y.Id && x.Revision == y.Revision;

    [LoggerMessage(60, LogLevel.Error, "{File} is no rule document of this version: {Problem}. It was moved to {Aside}, and the rules are those of the configuration")]
    private partial void LogSetAside(string file, string problem, string aside);

    [LoggerMessage(61, LogLevel.Error, "The rules in {File} cannot be read, so those known before stay: {Problem}")]
    private partial void LogUnreadable(string file, string problem);
}

using MeliProxy.RateLimiting.Control;

namespace MeliProxy.Sidecar.Hosting.Rules;

/// <summary>Keeps the rule document in a file beside the configuration, so that changes survive a restart.</summary>
/// <remarks>
/// What only the configuration says is not written, so that there is no file until somebody changes a rule. Several processes may have the same
/// file: each looks once a second whether another has written.
/// </remarks>
internal sealed partial class FileRuleStore : IRuleStore, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly RuleFile _file;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
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

    public Task<bool> TryReplaceAsync(RuleDocument expected, RuleDocument replacement, CancellationToken cancellationToken)
    {
        bool hasChanged;
        bool isReplaced;
        lock (_gate)
        {
            (hasChanged, isReplaced) = Replace(expected, replacement);
        }

        if (hasChanged)
        {
            Changed?.Invoke();
        }

        return Task.FromResult(isReplaced);
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
            LogSetAside(_file.Path, e.Message, _file.SetAside());
            return seed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(_file.Path, e.Message);
            return seed;
        }
    }

    private (bool HasChanged, bool IsReplaced) Replace(RuleDocument expected, RuleDocument replacement)
    {
        if (_document != expected)
        {
            return (false, false);
        }

        if (replacement.IsFromConfiguration)
        {
            Volatile.Write(ref _document, replacement);
            return (true, true);
        }

        try
        {
            using FileStream held = _file.Lock();
            if (_file.Read() is { } written && !IsSame(written, expected))
            {
                Volatile.Write(ref _document, written);
                return (true, false);
            }

            _file.Write(replacement);
            _seen = _file.Stamp;
            Volatile.Write(ref _document, replacement);
            return (true, true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new RuleStoreException($"the rules cannot be kept in {_file.Path}, so they were not changed: {e.Message.TrimEnd('.')}", e);
        }
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
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

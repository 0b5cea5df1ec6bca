using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Nats;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Hosting.Rules;

/// <summary>Where a sidecar has its rules from, and how they get into force.</summary>
/// <remarks>
/// The configuration's rules are what a store begins with. Afterwards a domain's rules in NATS are changed by commands only; where the store is a
/// file, whichever is changed last is in force: the rules by a command, or the configuration by an edit.
/// </remarks>
internal sealed partial class SidecarRules : IDisposable
{
    private readonly ILogger _logger;
    private readonly RuleFile? _file;
    private readonly IRuleStore _store;
    private readonly string _domain;
    private readonly Lock _keeping = new();
    private string _configured;
    private RuleControl? _control;

    public SidecarRules(SidecarConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger<SidecarRules>();
        _file = configuration.RulesFile is { } path ? new RuleFile(path) : null;
        _domain = configuration.Sharing.Domain;
        RuleSet rules = configuration.RuleSet;
        _configured = RuleDocument.FingerprintOf(rules);
        RuleDocument seed = RuleDocument.Begin(rules, time.GetUtcNow());
        if (configuration.Sharing.Nats.Any)
        {
            Nats = new NatsRuleStore(LastKnown() ?? seed);
            Nats.Changed += KeepLastKnown;
            _store = Nats;
        }
        else
        {
            _store = _file is null ? new MemoryRuleStore(seed) : new FileRuleStore(_file, seed, time, _logger);
        }
    }

    /// <summary>The store that NATS has to drive, if rules are kept there.</summary>
    public NatsRuleStore? Nats { get; }

    public RuleControl Control => _control!;

    /// <summary>Whether others may have changed the rules without this sidecar knowing.</summary>
    public bool IsCutOff => _store.IsCutOff;

    /// <summary>Begins to put rules in force.</summary>
    public void Follow(QuotaLimiter<HttpContext> limiter, TimeProvider time) => _control = new RuleControl(new RuleControlOptions
    {
        Store = _store,
        Apply = limiter.Update,
        Check = RuleChecks.Check,
        Applied = LogApplied,
        TimeProvider = time,
    });

    /// <summary>Takes the rules of a configuration that was read, as far as they are to be in force; says so where they are not.</summary>
    public async Task ConfigureAsync(SidecarConfiguration configuration, bool isStart)
    {
        RuleSet rules = configuration.RuleSet;
        string fingerprint = RuleDocument.FingerprintOf(rules);
        bool isEdited = fingerprint != _configured;
        _configured = fingerprint;
        if (Nats is not null)
        {
            if (isStart || isEdited)
            {
                TellIfOther(rules);
            }

            return;
        }

        try
        {
            RuleDocument before = Control.Document;
            if (await Control.ImportAsync(rules))
            {
                if (!before.IsFromConfiguration)
                {
                    LogConfigurationWins(before.Revision, Control.Document.Revision);
                }
            }
            else if (isStart)
            {
                TellIfOther(rules);
            }
        }
        catch (Exception e) when (e is RuleStoreException or InvalidOperationException)
        {
            LogNotImported(e.Message);
        }
    }

    public void Dispose()
    {
        _control?.Dispose();
        (_store as IDisposable)?.Dispose();
    }

    private RuleDocument? LastKnown()
    {
        try
        {
            return _file?.Read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            LogNoLastKnown(_file!.Path, e.Message);
            return null;
        }
    }

    /// <summary>Keeps the domain's rules for a start without NATS.</summary>
    private void KeepLastKnown()
    {
        try
        {
            lock (_keeping)
            {
                _file?.Write(_store.Document);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(_file!.Path, e.Message);
        }
    }

    private void TellIfOther(RuleSet rules)
    {
        IReadOnlyList<string> differences = Control.Document.DescribeDifferences(rules);
        if (differences.Count == 0)
        {
            return;
        }

        const int Most = 5;
        string text = string.Join(", ", differences.Take(Most)) + (differences.Count > Most ? $" and {differences.Count - Most} more" : "");
        if (Nats is not null)
        {
            LogDomainWins(_domain, Control.Document.Revision, text);
        }
        else
        {
            LogFileWins(_file?.Path ?? "memory", Control.Document.Revision, text);
        }
    }

    private void LogApplied(RuleDocument document, string? problem)
    {
        if (problem is not null)
        {
            LogNotInForce(document.Revision, problem);
        }
        else if (!document.IsFromConfiguration || Nats is not null)
        {
            LogInForce(document.Revision, PrintableText.Of(document.DescribeLastChange()));
        }
    }

    [LoggerMessage(40, LogLevel.Information, "Rules are at revision {Revision}, in force with all counts kept: {Change}")]
    private partial void LogInForce(long revision, string change);

    [LoggerMessage(41, LogLevel.Error, "Revision {Revision} of the rules cannot be put in force here, so those before stay: {Problem}")]
    private partial void LogNotInForce(long revision, string problem);

    [LoggerMessage(42, LogLevel.Warning, "The configuration's rules were edited, and as revision {Now} replace those that commands had made up to revision {Before}")]
    private partial void LogConfigurationWins(long before, long now);

    [LoggerMessage(43, LogLevel.Warning, "The configuration's rules are not put in force: {Problem}")]
    private partial void LogNotImported(string problem);

    [LoggerMessage(44, LogLevel.Warning,
        "The configuration's rules are not in force, as the domain {Domain} has its own in NATS, revision {Revision}; different: {Differences}. "
        + "'meliproxy rules import FILE' would put a configuration's rules there")]
    private partial void LogDomainWins(string domain, long revision, string differences);

    [LoggerMessage(45, LogLevel.Information,
        "Rules are those of {File}, revision {Revision}, where commands have changed what the configuration says; different: {Differences}")]
    private partial void LogFileWins(string file, long revision, string differences);

    [LoggerMessage(46, LogLevel.Warning, "The rules that were known last cannot be read from {File}, so the configuration's are used until NATS tells: {Problem}")]
    private partial void LogNoLastKnown(string file, string problem);

    [LoggerMessage(47, LogLevel.Warning, "The domain's rules cannot be kept in {File} for a start without NATS: {Problem}")]
    private partial void LogNotKept(string file, string problem);
}

using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>Carries out commands about rules, and keeps the rules in force that the document says.</summary>
/// <remarks>
/// <code>
/// command ─▶ check ─▶ next document ─▶ IRuleStore, if nobody was faster
///                                          │ Changed, here and wherever else the document is known
///                                          ▼
///                              document at this moment ─▶ Apply
///                                          ▲
///                              timer of the next scheduled change
/// </code>
/// All members may be called by any thread.
/// </remarks>
public sealed partial class RuleControl : IDisposable
{
    /// <summary>The longest body of a command, in bytes.</summary>
    public const int MaxBodyLength = RuleDocument.MaxContentLength;

    private const int MaxAttempts = 10;
    private static readonly TimeSpan LongestTimer = TimeSpan.FromHours(1);

    private readonly RuleControlOptions _options;
    private readonly IRuleStore _store;
    private readonly TimeProvider _time;
    private readonly Lock _applying = new();
    private readonly ITimer _timer;
    private Advanced _advanced = new(null, null!, default, default);
    private RuleDocument? _stored;
    private RuleDocument? _inForce;
    private bool _disposed;

    /// <summary>Creates a control and puts in force what the store's document says.</summary>
    /// <param name="options">What it is given.</param>
    public RuleControl(RuleControlOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _store = options.Store;
        _time = options.TimeProvider;
        _timer = _time.CreateTimer(_ => Apply(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _store.Changed += Apply;
        Apply();
    }

    /// <summary>The commands that <see cref="RunAsync"/> knows.</summary>
    public static IReadOnlyList<string> Commands => CommandNames.All;

    /// <summary>The document as it is known here, with the scheduled changes that have come due.</summary>
    public RuleDocument Document => DocumentAt(Now(), _store.Document);

    /// <summary>
    /// Why the document is not in force here, as it has something that this process does not know; <see langword="null"/> if it is in force.
    /// </summary>
    public string? Problem { get; private set; }

    /// <summary>Carries out a command.</summary>
    /// <param name="command">One of <see cref="Commands"/>.</param>
    /// <param name="body">Its body: JSON, or nothing.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="cancellationToken">Gives up; then nobody knows whether a change was made.</param>
    /// <returns>The answer; also to what cannot be carried out.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<CommandReply> RunAsync(
        string command, ReadOnlyMemory<byte> body, CommandOrigin origin, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        try
        {
            using CommandBody parsed = CommandBody.Read(body);
            return command switch
            {
                CommandNames.RulesList or CommandNames.RulesGet or CommandNames.OverridesList or CommandNames.Audit =>
                    await ReadAsync(command, parsed, cancellationToken),
                _ when CommandNames.All.Contains(command) => await ChangeAsync(command, parsed, origin, cancellationToken),
                _ => throw new CommandException(
                    CommandError.UnknownCommand, $"there is no command '{command}'; there are {string.Join(", ", CommandNames.All)}"),
            };
        }
        catch (CommandException e)
        {
            return new CommandReply(e.Code, e.Errors, Document.Revision);
        }
        catch (RuleStoreException e)
        {
            return new CommandReply(CommandError.Unavailable, [new RuleError("$", e.Message)], Document.Revision);
        }
    }

    /// <summary>Replaces all rules by those of the configuration, if these have been edited since the document got them last.</summary>
    /// <param name="rules">The rules of the configuration.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether anything has changed.</returns>
    /// <exception cref="RuleStoreException">The store cannot be reached or written.</exception>
    /// <exception cref="InvalidOperationException">They cannot be put beside changes that are scheduled; says why.</exception>
    public async Task<bool> ImportAsync(RuleSet rules, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rules);
        RuleContent content = RuleContent.Of(rules);
        string seed = RuleDocument.FingerprintOf(rules);
        try
        {
            for (int attempt = 0; attempt < MaxAttempts; attempt++)
            {
                RuleDocument stored = _store.Document;
                if (stored.Seed == seed)
                {
                    return false;
                }

                DateTimeOffset now = Now();
                RuleDocument next = DocumentAt(now, stored).WithConfiguration(content, new ChangeAuthor(now, null, AuditEntry.ViaConfiguration));
                next.CheckScheduled();
                if (await _store.TryReplaceAsync(stored, next, cancellationToken))
                {
                    return true;
                }
            }
        }
        catch (CommandException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }

        throw new RuleStoreException("others change the rules all the time");
    }

    /// <summary>Ends to follow the document.</summary>
    public void Dispose()
    {
        _store.Changed -= Apply;
        lock (_applying)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    /// <summary>The moment, as exactly as the record has it.</summary>
    private DateTimeOffset Now()
    {
        DateTimeOffset now = _time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
    }

    /// <summary>The document as it is stored, with what has come due.</summary>
    private RuleDocument DocumentAt(DateTimeOffset now, RuleDocument stored)
    {
        Advanced advanced = Volatile.Read(ref _advanced);
        if (advanced.Stored != stored || now < advanced.From || now >= advanced.Until)
        {
            RuleDocument document = stored.At(now);
            advanced = new Advanced(stored, document, now, document.UnchangedUntil(now));
            Volatile.Write(ref _advanced, advanced);
        }

        return advanced.Document;
    }

    /// <summary>Puts in force what the document says now, if that is not so yet. Called by timers and stores, so it never throws.</summary>
    private void Apply()
    {
        lock (_applying)
        {
            if (_disposed)
            {
                return;
            }

            TimeSpan wait = LongestTimer;
            try
            {
                RuleDocument stored = _store.Document;
                RuleDocument document = DocumentAt(Now(), stored);
                if (_inForce is null || document.Revision != _inForce.Revision || document.Id != _inForce.Id || IsOther(stored, document))
                {
                    PutInForce(document);
                }

                _stored = stored;

                // The clock of the machine may be set meanwhile, so a moment far away is looked at again.
                wait = document.NextChange is { } next ? next - _time.GetUtcNow() : Timeout.InfiniteTimeSpan;
                wait = wait == Timeout.InfiniteTimeSpan || wait < LongestTimer ? wait : LongestTimer;
            }
            catch (Exception e)
            {
                Problem = e.Message;
                _options.Applied?.Invoke(_store.Document, e.Message);
            }

            _timer.Change(wait < TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Whether a document says something else than the one in force, though both have the same revision.</summary>
    private bool IsOther(RuleDocument stored, RuleDocument document) =>
        stored != _stored && RuleDocument.FingerprintOf(document.Rules) != RuleDocument.FingerprintOf(_inForce!.Rules);

    private void PutInForce(RuleDocument document)
    {
        try
        {
            List<RuleError> errors = [];
            _options.Check?.Invoke(document.Rules, "$.rules", errors);
            if (errors.Count > 0)
            {
                throw new InvalidRulesException(errors);
            }

            _options.Apply(document.Rules);
            Problem = null;
        }
        catch (Exception e)
        {
            // A later version may know more; and what a store has may have been written by anyone who may write there.
            Problem = e.Message;
        }

        if (_inForce is not null || Problem is not null)
        {
            _options.Applied?.Invoke(document, Problem);
        }

        _inForce = document;
    }

    /// <summary>What a stored document comes to from one moment until another.</summary>
    private sealed record Advanced(RuleDocument? Stored, RuleDocument Document, DateTimeOffset From, DateTimeOffset Until);
}

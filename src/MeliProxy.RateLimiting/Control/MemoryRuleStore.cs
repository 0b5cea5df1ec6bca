namespace MeliProxy.RateLimiting.Control;

/// <summary>Keeps the rule document in memory only, so that changes are lost when the process ends.</summary>
public sealed class MemoryRuleStore : IRuleStore
{
    private readonly Lock _gate = new();
    private RuleDocument _document;

    /// <summary>Creates a store.</summary>
    /// <param name="document">What it begins with.</param>
    public MemoryRuleStore(RuleDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        _document = document;
    }

    /// <inheritdoc/>
    public RuleDocument Document => Volatile.Read(ref _document);

    /// <inheritdoc/>
    public string Kind => "memory";

    /// <inheritdoc/>
    public bool IsCutOff => false;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<bool> TryReplaceAsync(RuleDocument expected, RuleDocument replacement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        lock (_gate)
        {
            if (_document != expected)
            {
                return Task.FromResult(false);
            }

            Volatile.Write(ref _document, replacement);
        }

        Changed?.Invoke();
        return Task.FromResult(true);
    }
}

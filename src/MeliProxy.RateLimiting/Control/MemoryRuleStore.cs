namespace MeliProxy.RateLimiting.Control;

/// <summary>Keeps the rule document in memory only, so that changes are lost when the process ends.</summary>
public sealed class MemoryRuleStore : IRuleStore
{
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
    public Task<bool> TryReplaceAsync(RuleDocument expected, RuleDocument replacement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        bool replaced = Interlocked.CompareExchange(ref _document, replacement, expected) == expected;
        if (replaced)
        {
            Changed?.Invoke();
        }

        return Task.FromResult(replaced);
    }
}

namespace MeliProxy.RateLimiting.Control;

/// <summary>Where the rule document is kept. All members may be called by any thread.</summary>
public interface IRuleStore
{
    /// <summary>The document as it is known here; a store has one from the beginning.</summary>
    RuleDocument Document { get; }

    /// <summary>What kind of store it is, in one word, such as <c>file</c>.</summary>
    string Kind { get; }

    /// <summary>Whether the store cannot be reached, so that others may have changed the document meanwhile.</summary>
    bool IsCutOff { get; }

    /// <summary>Raised after <see cref="Document"/> has become another one, on any thread.</summary>
    event Action? Changed;

    /// <summary>Makes sure that <see cref="Document"/> is the latest.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when it is.</returns>
    /// <exception cref="RuleStoreException">The store cannot be reached or read.</exception>
    Task RefreshAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the document if nobody else has.</summary>
    /// <param name="expected">The document that was read before; from <see cref="Document"/>.</param>
    /// <param name="replacement">What it is to be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it was replaced. If not, <see cref="Document"/> is the newer one that was in the way.</returns>
    /// <exception cref="RuleStoreException">The store cannot be reached or written.</exception>
    Task<bool> TryReplaceAsync(RuleDocument expected, RuleDocument replacement, CancellationToken cancellationToken);
}

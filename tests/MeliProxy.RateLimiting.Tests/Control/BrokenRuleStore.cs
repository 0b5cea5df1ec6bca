using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Control;

/// <summary>A store that cannot be written.</summary>
internal sealed class BrokenRuleStore : IRuleStore
{
    public RuleDocument Document { get; } = RuleDocument.Begin(RuleSet.Empty, DateTimeOffset.UnixEpoch);

    public string Kind => "broken";

    public bool IsCutOff => true;

    public event Action? Changed
    {
        add { }
        remove { }
    }

    public Task RefreshAsync(CancellationToken cancellationToken) => throw new RuleStoreException("the store is broken");

    public Task<bool> TryReplaceAsync(RuleDocument expected, RuleDocument replacement, CancellationToken cancellationToken) =>
        throw new RuleStoreException("the store is broken");
}

using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>What a rule's words mean for a kind of resource.</summary>
internal sealed record RuleSources<TResource>(
    Predicate<TResource>? Match,
    IPartitionKeySource<TResource>[] Key,
    ResourceList<TResource>? Allow,
    ResourceList<TResource>? Deny);

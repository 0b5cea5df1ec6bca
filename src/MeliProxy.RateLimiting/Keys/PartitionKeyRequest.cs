using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Keys;

/// <summary>What a rule asks of a key part, given to the factory that makes its source.</summary>
/// <param name="Rule">The rule that uses the part.</param>
/// <param name="Argument">What stands behind the colon, as <c>X-Api-Key</c> in <c>header:X-Api-Key</c>; <see langword="null"/> without a colon.</param>
public readonly record struct PartitionKeyRequest(RateLimitRule Rule, string? Argument);

namespace MeliProxy.RateLimiting;

/// <summary>Where a key stands with its limit.</summary>
/// <param name="Remaining">Permits that could be taken now.</param>
/// <param name="ResetAfter">Time until the key has its whole quota again.</param>
/// <param name="RetryAfter">Time until the permits asked for can be had; zero if they can be had now.</param>
public readonly record struct QuotaStanding(long Remaining, TimeSpan ResetAfter, TimeSpan RetryAfter);

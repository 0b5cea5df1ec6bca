namespace MeliProxy.RateLimiting.Rules;

/// <summary>How a rule counts.</summary>
public enum RateLimitAlgorithm
{
    /// <summary>
    /// Permits flow in evenly at limit per window and up to burst of them can be saved. Kept as one theoretical arrival time per key
    /// (generic cell rate algorithm, ITU-T I.371). In configuration: <c>token-bucket</c>.
    /// </summary>
    TokenBucket,

    /// <summary>
    /// Up to limit permits in each window; windows are aligned to the Unix epoch in UTC. In configuration: <c>fixed-window</c>.
    /// </summary>
    FixedWindow,
}

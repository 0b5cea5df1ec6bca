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
    /// Up to limit permits in each window; windows are aligned to the Unix epoch in UTC, or to a calendar. In configuration:
    /// <c>fixed-window</c>.
    /// </summary>
    FixedWindow,

    /// <summary>
    /// Up to limit permits in the window that ends now, estimated from two aligned windows: what was used in the current one, and as much of
    /// what was used in the one before as of it still lies within. In configuration: <c>sliding-window</c>.
    /// </summary>
    /// <remarks>
    /// Each permit is given only if the estimate, rounded against the caller, stays within the limit; so no aligned window ever sees more than
    /// the limit, and no other interval of that length as much as twice the limit.
    /// </remarks>
    SlidingWindow,

    /// <summary>
    /// Up to limit permits held at a time. They are held until the decision or lease is disposed of. In configuration: <c>concurrency</c>.
    /// </summary>
    Concurrency,
}

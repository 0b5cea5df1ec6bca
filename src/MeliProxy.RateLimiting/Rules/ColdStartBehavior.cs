namespace MeliProxy.RateLimiting.Rules;

/// <summary>What a shared rule does with the first use of a key in a process, which holds no lease of it yet.</summary>
public enum ColdStartBehavior
{
    /// <summary>
    /// Admits a small allowance, a tenth of what the key can hold divided by the number of members and at least one cost, and reports it.
    /// In configuration: <c>optimistic</c>.
    /// </summary>
    Optimistic,

    /// <summary>
    /// Asks first, and rejects until a lease has come, a few milliseconds later; with a <see cref="RateLimitRule.Queue"/> the resource waits
    /// for it. Nothing passes beyond the limit. In configuration: <c>wait</c>.
    /// </summary>
    Wait,
}

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
    /// Asks first. A resource that can wait (<c>DecideAsync</c>) does so until the lease has come, usually a few milliseconds later, for at most
    /// 250 ms or the <see cref="RateLimitRule.Queue"/>'s time where the rule has one; others are rejected until then. Nothing passes beyond the
    /// limit. In configuration: <c>wait</c>.
    /// </summary>
    Wait,
}

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>What is counted for a rule; the row of <see cref="OutcomeCounts"/> that belongs to no rule counts whole decisions.</summary>
internal enum RuleOutcome
{
    Allowed,
    Limited,
    ShadowLimited,
    Delayed,
    Failed,
    NoRoom,

    /// <summary>Permits taken, rather than resources.</summary>
    Cost,
    FailOpen,
}

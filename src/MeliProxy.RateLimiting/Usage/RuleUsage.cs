using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>What a rule did in the time of a snapshot.</summary>
public sealed record RuleUsage
{
    /// <summary>The <see cref="RateLimitRule.Name"/> of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Whether it enforces, at the end of the time.</summary>
    public RuleMode Mode { get; init; }

    /// <inheritdoc cref="RuleCounts.Allowed"/>
    public long Allowed { get; init; }

    /// <inheritdoc cref="RuleCounts.Limited"/>
    public long Limited { get; init; }

    /// <inheritdoc cref="RuleCounts.ShadowLimited"/>
    public long ShadowLimited { get; init; }

    /// <inheritdoc cref="RuleCounts.Delayed"/>
    public long Delayed { get; init; }

    /// <inheritdoc cref="RuleCounts.Failed"/>
    public long Failed { get; init; }

    /// <inheritdoc cref="RuleCounts.NoRoom"/>
    public long NoRoom { get; init; }

    /// <summary>
    /// Resources that passed though the rule could not judge them: a key could not be computed and <see cref="RateLimitRule.OnError"/> is open,
    /// or no room was left for the key and <see cref="KeyCapBehavior.Admit"/> is set.
    /// </summary>
    public long FailOpen { get; init; }

    /// <summary>Permits taken when resources were allowed. Charges after the response are not in it.</summary>
    public long Cost { get; init; }

    /// <summary>The largest share of its quota that any of the rule's top keys has used at the end of the time, 0 to 1, or more if in debt.</summary>
    public double UsedShare { get; init; }

    /// <summary>How long decisions took in which the rule had a say; a sample of them.</summary>
    public LatencyHistogram DecisionTime { get; init; } = LatencyHistogram.Empty;

    /// <summary>What the rule judged: allowed, limited and limited in shadow mode.</summary>
    public long Total => Allowed + Limited + ShadowLimited;
}

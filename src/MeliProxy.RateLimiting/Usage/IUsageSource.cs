using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Telemetry;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>What usage snapshots of a limiter are made from, whatever its kind of resource.</summary>
internal interface IUsageSource : ILimiterFigures
{
    /// <summary>The rules in force.</summary>
    RuleSet Rules { get; }

    /// <summary>Whether some of the decisions are timed.</summary>
    bool IsTimed { get; set; }

    /// <summary>What was counted since the limiter began, for all rules that it ever had, and the share used now of those in force.</summary>
    IReadOnlyList<RuleUsage> GetTotals();

    /// <summary>The keys that use each rule most, of each rule those of the most hits first.</summary>
    IReadOnlyList<TopKey> GetTopKeys(int perRule);
}

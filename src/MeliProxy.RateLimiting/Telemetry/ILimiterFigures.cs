using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.RateLimiting.Telemetry;

/// <summary>What a limiter tells of itself, whatever its kind of resource.</summary>
internal interface ILimiterFigures
{
    int KeyCount { get; }

    long EvictedKeys { get; }

    int QueuedCount { get; }

    IReadOnlyList<RuleCounts> GetRuleCounts();

    /// <summary>How it takes part in sharing; <see langword="null"/> if it does not.</summary>
    SharingStatus? GetSharingStatus();
}

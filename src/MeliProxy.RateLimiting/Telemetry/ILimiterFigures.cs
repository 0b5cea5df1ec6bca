namespace MeliProxy.RateLimiting.Telemetry;

/// <summary>What a limiter tells of itself, whatever its kind of resource.</summary>
internal interface ILimiterFigures
{
    int KeyCount { get; }

    long EvictedKeys { get; }

    int QueuedCount { get; }

    IReadOnlyList<RuleCounts> GetRuleCounts();
}

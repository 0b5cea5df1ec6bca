using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB.Points;

/// <summary>What is written of a snapshot.</summary>
internal interface ISnapshotPoints
{
    /// <summary>How many points there are at most.</summary>
    int Count(UsageSnapshot snapshot);

    /// <summary>Adds them, the same each time.</summary>
    void Write(UsageSnapshot snapshot, PointBatch batch);
}

namespace MeliProxy.RateLimiting.Usage;

/// <summary>Takes usage snapshots somewhere: a database, a monitoring system, a log.</summary>
public interface IUsageSink
{
    /// <summary>What the sink is called, in lower case, such as <c>influxdb</c>.</summary>
    string Name { get; }

    /// <summary>How the sink fares; safe to read from any thread.</summary>
    SinkStatus Status { get; }

    /// <summary>
    /// Takes a snapshot. It has to return at once and may not throw: what the sink has no room for, it drops and counts. Called by one thread
    /// at a time, in the order of the snapshots.
    /// </summary>
    /// <param name="snapshot">The snapshot, which never changes.</param>
    void Take(UsageSnapshot snapshot);
}

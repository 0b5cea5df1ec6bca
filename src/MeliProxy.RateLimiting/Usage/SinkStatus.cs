namespace MeliProxy.RateLimiting.Usage;

/// <summary>How a sink fares.</summary>
/// <param name="Name">The sink's <see cref="IUsageSink.Name"/>.</param>
/// <param name="Queued">Snapshots that it has taken and not brought to their place yet.</param>
/// <param name="Dropped">Snapshots that it had no room for or that were refused for good, since the start.</param>
/// <param name="Problem">What is wrong now, for people; <see langword="null"/> if nothing is.</param>
public readonly record struct SinkStatus(string Name, long Queued, long Dropped, string? Problem);

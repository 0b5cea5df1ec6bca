namespace MeliProxy.RateLimiting.Snapshots;

/// <summary>What became of the keys of a snapshot. Those that are idle by now are in neither number.</summary>
/// <param name="Restored">Keys whose counts were taken over, or merged with those that the key already had.</param>
/// <param name="Dropped">Keys that found no room below <see cref="QuotaLimiterOptions{TResource}.MaxKeys"/>; their counts begin anew.</param>
public readonly record struct RestoreResult(long Restored, long Dropped);

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>How one shard stands, seen from one process.</summary>
/// <param name="Shard">From 0 to <see cref="QuotaSharing.ShardCount"/> - 1.</param>
/// <param name="Epoch">The epoch of its owner as last known; 0 if none is known.</param>
/// <param name="IsOwned">Whether this process owns it.</param>
/// <param name="IsCutOff">Whether its rules follow <see cref="Rules.RateLimitRule.OnPartition"/>, since no owner answers.</param>
/// <param name="Keys">Owned only: keys in its ledger.</param>
/// <param name="OutstandingPermits">Owned only: permits leased and not reported as spent.</param>
public readonly record struct ShardStatus(int Shard, ulong Epoch, bool IsOwned, bool IsCutOff, int Keys, long OutstandingPermits);

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>A received message.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Shard">The shard; 0 for an answer, which names it itself.</param>
/// <param name="Bytes">Its payload, to be given back.</param>
internal readonly record struct Incoming(IncomingKind Kind, int Shard, PooledBytes Bytes);

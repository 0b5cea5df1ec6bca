namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>An operation on a key of the bucket that is to be done.</summary>
/// <param name="Key">The key.</param>
/// <param name="IsWrite">Whether it is to be written.</param>
/// <param name="Value">What is to be written, to be given back.</param>
/// <param name="Revision">The revision that it has to be at.</param>
/// <param name="PostedAt">The clock's timestamp when it was asked for.</param>
internal readonly record struct BucketOperation(string Key, bool IsWrite, PooledBytes Value, ulong Revision, long PostedAt);

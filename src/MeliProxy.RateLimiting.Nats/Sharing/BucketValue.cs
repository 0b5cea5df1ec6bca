namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>What a key of the bucket holds.</summary>
/// <param name="Bytes">Its value; empty if there is none.</param>
/// <param name="Revision">Its revision; 0 if there is no such key.</param>
/// <param name="Marker">The revision of the mark that a deleted key leaves behind; 0 if it has none.</param>
internal readonly record struct BucketValue(ReadOnlyMemory<byte> Bytes, ulong Revision, ulong Marker);

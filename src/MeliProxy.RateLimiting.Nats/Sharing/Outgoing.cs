namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>A message to be sent.</summary>
/// <param name="Subject">Where to.</param>
/// <param name="ReplyTo">Where the server says that nobody listens there; none if that does not matter.</param>
/// <param name="Bytes">The payload, to be given back.</param>
/// <param name="PostedAt">The clock's timestamp when it was made.</param>
internal readonly record struct Outgoing(string Subject, string? ReplyTo, PooledBytes Bytes, long PostedAt);

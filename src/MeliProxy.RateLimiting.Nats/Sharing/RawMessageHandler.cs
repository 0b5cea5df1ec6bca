using System.Buffers;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Takes one message of a <see cref="RawSubscription"/>, whose bytes are gone afterwards. Must not block.</summary>
/// <param name="subject">The subject that it came to.</param>
/// <param name="replyTo">Where its sender wants an answer, if it does.</param>
/// <param name="isUndelivered">Whether the server says by it that nobody listens to what was sent with this subject to reply to.</param>
/// <param name="payload">The bytes.</param>
internal delegate void RawMessageHandler(string subject, string? replyTo, bool isUndelivered, in ReadOnlySequence<byte> payload);

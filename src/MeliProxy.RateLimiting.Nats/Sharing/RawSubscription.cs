using System.Buffers;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>A subscription that hands over bytes where they were received, without an object or a copy for each message.</summary>
internal sealed class RawSubscription(INatsConnection connection, string subject, RawMessageHandler handler)
    : NatsSubBase(connection, connection.SubscriptionManager, subject, queueGroup: null, opts: null)
{
    // How the server begins the headers of "no responders".
    private static ReadOnlySpan<byte> NoResponders => "NATS/1.0 503"u8;

    /// <summary>Begins to listen. One that could not is of no use any more.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Connection.AddSubAsync(this, cancellationToken);
        }
        catch
        {
            // It may or may not listen by now; and what undoes that may wait for a connection.
            _ = DisposeAsync().AsTask();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override ValueTask ReceiveInternalAsync(
        string subject, string? replyTo, ReadOnlySequence<byte>? headersBuffer, ReadOnlySequence<byte> payloadBuffer)
    {
        handler(subject, replyTo, payloadBuffer.IsEmpty && headersBuffer is { } headers && IsNoResponders(headers), payloadBuffer);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void TryComplete()
    {
    }

    private static bool IsNoResponders(in ReadOnlySequence<byte> headers)
    {
        if (headers.Length < NoResponders.Length)
        {
            return false;
        }

        Span<byte> start = stackalloc byte[NoResponders.Length];
        headers.Slice(0, start.Length).CopyTo(start);
        return start.SequenceEqual(NoResponders);
    }
}

using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>What is to be sent, and the loop that sends it.</summary>
/// <remarks>
/// The oldest makes room, and what could not be sent soon is not sent at all: reports and answers are repeated as long as they matter, with
/// newer figures. So nothing piles up for the time when a connection is back. Answers go before reports.
/// </remarks>
internal sealed class Outbox : IDisposable
{
    private const int Capacity = 2_048;
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly INatsConnection _connection;
    private readonly TimeProvider _time;
    private readonly Lanes<Outgoing> _messages;
    private CancellationTokenSource _patience;
    private long _dropped;

    public Outbox(INatsConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _patience = new CancellationTokenSource();
        _messages = new Lanes<Outgoing>(Capacity, Drop);
    }

    /// <summary>Messages that were not sent.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes a copy of a message to be sent.</summary>
    public void Post(string subject, string? replyTo, ReadOnlySpan<byte> payload)
    {
        Outgoing message = new(subject, replyTo, new PooledBytes(payload), _time.GetTimestamp());
        if (!_messages.TryAdd(message, isFirst: replyTo is null))
        {
            Drop(message);
        }
    }

    /// <summary>Takes no more messages, so that <see cref="SendAllAsync"/> ends when those taken are sent.</summary>
    public void Complete() => _messages.Complete();

    /// <summary>Sends until there is nothing more to come.</summary>
    public async Task SendAllAsync(NatsSharingLog log)
    {
        while (await _messages.WaitAsync(CancellationToken.None))
        {
            while (_messages.TryTake(out Outgoing message))
            {
                await SendAsync(message, log);
            }
        }
    }

    public void Dispose() => _patience.Dispose();

    private async ValueTask SendAsync(Outgoing message, NatsSharingLog log)
    {
        if (_connection.ConnectionState != NatsConnectionState.Open || _time.GetElapsedTime(message.PostedAt) > Freshness)
        {
            Drop(message);
            return;
        }

        try
        {
            // Completed at once, except when the socket does not take more or the connection goes this very moment.
            ValueTask sent = _connection.PublishAsync(
                message.Subject,
                message.Bytes.Memory,
                replyTo: message.ReplyTo,
                serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
                cancellationToken: _patience.Token);
            if (!sent.IsCompletedSuccessfully)
            {
                await WaitAsync(sent);
            }

            message.Bytes.Return();
        }
        catch (Exception e)
        {
            Drop(message);
            if (e is not (OperationCanceledException or NatsException or ObjectDisposedException))
            {
                log.Failed(e);
            }
        }
    }

    private async ValueTask WaitAsync(ValueTask sent)
    {
        CancellationTokenSource patience = _patience;
        using ITimer timer = _time.CreateTimer(static p => ((CancellationTokenSource)p!).Cancel(), patience, Freshness, Timeout.InfiniteTimeSpan);
        try
        {
            await sent;
        }
        finally
        {
            // The timer may be at it even now, so the source is of no use any more.
            _patience = new CancellationTokenSource();
        }
    }

    private void Drop(Outgoing message)
    {
        Interlocked.Increment(ref _dropped);
        message.Bytes.Return();
    }
}

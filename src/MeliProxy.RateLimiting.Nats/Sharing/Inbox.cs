using System.Buffers;
using System.Globalization;
using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>What was received and is to be handed to <see cref="QuotaSharing"/>, which may be busy when it comes.</summary>
/// <remarks>
/// The oldest makes room, since what a newer report or answer says includes what older ones said. Answers go before reports, however many those
/// are: a lease whose renewal came too late is lost.
/// </remarks>
internal sealed class Inbox
{
    private const int Capacity = 2_048;

    private long _dropped;

    public Inbox() => Messages = new Lanes<Incoming>(Capacity, Drop);

    /// <summary>Messages that were too long or too many.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public Lanes<Incoming> Messages { get; }

    /// <summary>Takes the reports for one shard.</summary>
    public RawMessageHandler ReportsFor(int shard) =>
        (string _, string? _, bool _, in ReadOnlySequence<byte> payload) => Take(IncomingKind.Report, shard, payload);

    /// <summary>Takes answers, and the server's word that nobody took a report; the subject's last token says which.</summary>
    public void TakeForThisNode(string subject, string? replyTo, bool isUndelivered, in ReadOnlySequence<byte> payload)
    {
        ReadOnlySpan<char> token = subject.AsSpan(subject.LastIndexOf('.') + 1);
        if (token.SequenceEqual(NatsTransport.AnswerToken))
        {
            Take(IncomingKind.Answer, 0, payload);
        }
        else if (isUndelivered
            && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int shard)
            && shard < QuotaSharing.ShardCount)
        {
            Take(IncomingKind.Undelivered, shard, payload);
        }
        else
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Hands over what is received until told to stop.</summary>
    public async Task DeliverAsync(QuotaSharing sharing, NatsSharingLog log, CancellationToken stop)
    {
        while (await Messages.WaitAsync(stop))
        {
            while (Messages.TryTake(out Incoming message))
            {
                try
                {
                    Deliver(message, sharing);
                }
                catch (Exception e)
                {
                    log.Failed(e);
                }

                message.Bytes.Return();
            }
        }
    }

    private static void Deliver(in Incoming message, QuotaSharing sharing)
    {
        switch (message.Kind)
        {
            case IncomingKind.Report:
                sharing.ReceiveReport(message.Shard, message.Bytes.Span);
                break;
            case IncomingKind.Answer:
                sharing.ReceiveAnswer(message.Bytes.Span);
                break;
            default:
                sharing.ReportUndelivered(message.Shard);
                break;
        }
    }

    private void Take(IncomingKind kind, int shard, in ReadOnlySequence<byte> payload)
    {
        if (payload.Length > QuotaSharing.MaxMessageLength)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        Messages.TryAdd(new Incoming(kind, shard, new PooledBytes(payload)), isFirst: kind != IncomingKind.Report);
    }

    private void Drop(Incoming message)
    {
        Interlocked.Increment(ref _dropped);
        message.Bytes.Return();
    }
}

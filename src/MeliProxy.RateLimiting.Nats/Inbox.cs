using System.Globalization;
using System.Threading.Channels;
using MeliProxy.RateLimiting.Leasing;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>Takes what comes for this member, and the reports for the shards that it owns.</summary>
internal sealed class Inbox(NatsConnection connection, NatsSubjects subjects, QuotaSharing sharing)
{
    /// <summary>The last token of the subject of answers.</summary>
    public const string AnswerToken = "answer";

    private const int NoResponders = 503;
    private const int Capacity = 4_096;

    private static readonly NatsSubOpts Options = new()
    {
        ChannelOpts = new NatsSubChannelOpts { Capacity = Capacity, FullMode = BoundedChannelFullMode.DropOldest },
    };

    private readonly CancellationTokenSource?[] _listening = new CancellationTokenSource?[QuotaSharing.ShardCount];
    private readonly Lock _lock = new();
    private bool _isStopped;

    public void Listen(int shard, bool listens)
    {
        lock (_lock)
        {
            if (listens && _listening[shard] is null && !_isStopped)
            {
                CancellationTokenSource stop = new();
                _listening[shard] = stop;
                _ = Task.Run(() => ListenAsync(shard, stop.Token));
            }
            else if (!listens && _listening[shard] is { } stop)
            {
                _listening[shard] = null;
                stop.Cancel();
                stop.Dispose();
            }
        }
    }

    public void Stop()
    {
        for (int shard = 0; shard < QuotaSharing.ShardCount; shard++)
        {
            Listen(shard, false);
        }

        lock (_lock)
        {
            _isStopped = true;
        }
    }

    /// <summary>Takes answers, and the server's word that nobody took a report.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        TakeAsync(subjects.LeaseNode(sharing.Node, "*"), TakeForThisNode, cancellationToken);

    private Task ListenAsync(int shard, CancellationToken cancellationToken) =>
        TakeAsync(subjects.LeaseShard(shard), message => sharing.ReceiveReport(shard, message.Data.Span), cancellationToken);

    private async Task TakeAsync(string subject, Action<NatsMsg<NatsMemoryOwner<byte>>> take, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (NatsMsg<NatsMemoryOwner<byte>> message in
                    connection.SubscribeAsync<NatsMemoryOwner<byte>>(subject, opts: Options, cancellationToken: cancellationToken))
                {
                    using (message.Data)
                    {
                        // Longer ones are of no sender that follows the protocol.
                        if (message.Data.Length <= QuotaSharing.MaxMessageLength)
                        {
                            take(message);
                        }
                    }
                }
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    private void TakeForThisNode(NatsMsg<NatsMemoryOwner<byte>> message)
    {
        ReadOnlySpan<char> token = message.Subject.AsSpan(message.Subject.LastIndexOf('.') + 1);
        if (token.SequenceEqual(AnswerToken))
        {
            sharing.ReceiveAnswer(message.Data.Span);
        }
        else if (message.Headers?.Code == NoResponders && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int shard))
        {
            sharing.ReportUndelivered(shard);
        }
    }
}

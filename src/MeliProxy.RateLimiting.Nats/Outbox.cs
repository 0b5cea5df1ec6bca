using System.Buffers;
using System.Globalization;
using System.Threading.Channels;
using MeliProxy.RateLimiting.Leasing;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>Sends reports and answers from a queue of bounded length, so that whoever has something to send never waits.</summary>
internal sealed class Outbox
{
    private const int Capacity = 4_096;

    private readonly NatsConnection _connection;
    private readonly NatsSubjects _subjects;
    private readonly string[] _shards;
    private readonly string[] _replies;
    private readonly Channel<(string Subject, string? Reply, byte[] Buffer, int Length)> _queue;
    private long _dropped;
    private int _pending;

    public Outbox(NatsConnection connection, NatsSubjects subjects, ulong node)
    {
        _connection = connection;
        _subjects = subjects;
        _shards = [.. Enumerable.Range(0, QuotaSharing.ShardCount).Select(subjects.LeaseShard)];
        _replies = [.. Enumerable.Range(0, QuotaSharing.ShardCount).Select(s => subjects.LeaseNode(node, s.ToString(CultureInfo.InvariantCulture)))];
        _queue = Channel.CreateBounded<(string, string?, byte[], int)>(
            new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest },
            dropped => Drop(dropped.Item3));
    }

    public long Dropped => Volatile.Read(ref _dropped);

    public void SendReport(int shard, ReadOnlySpan<byte> report) => Send(_shards[shard], _replies[shard], report);

    public void SendAnswer(ulong node, ReadOnlySpan<byte> answer) => Send(_subjects.LeaseNode(node, Inbox.AnswerToken), null, answer);

    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Ends when nothing is left to send.</summary>
    public async Task WhenEmptyAsync()
    {
        while (Volatile.Read(ref _pending) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await _queue.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_queue.Reader.TryRead(out (string Subject, string? Reply, byte[] Buffer, int Length) message))
            {
                await SendAsync(message.Subject, message.Reply, message.Buffer, message.Length, cancellationToken);
            }
        }
    }

    private void Send(string subject, string? reply, ReadOnlySpan<byte> message)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(message.Length);
        message.CopyTo(buffer);
        Interlocked.Increment(ref _pending);
        if (!_queue.Writer.TryWrite((subject, reply, buffer, message.Length)))
        {
            Drop(buffer);
        }
    }

    private async Task SendAsync(string subject, string? reply, byte[] buffer, int length, CancellationToken cancellationToken)
    {
        // What cannot be sent now is worth nothing later: the next report says it all again.
        if (_connection.ConnectionState != NatsConnectionState.Open)
        {
            Drop(buffer);
            return;
        }

        try
        {
            await _connection.PublishAsync(subject, new ReadOnlyMemory<byte>(buffer, 0, length), replyTo: reply, cancellationToken: cancellationToken);
            Interlocked.Decrement(ref _pending);
            ArrayPool<byte>.Shared.Return(buffer);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The client may still hold the buffer, so it is not used again.
            Interlocked.Increment(ref _dropped);
            Interlocked.Decrement(ref _pending);
        }
    }

    private void Drop(byte[] buffer)
    {
        Interlocked.Increment(ref _dropped);
        Interlocked.Decrement(ref _pending);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}

using System.Threading.Channels;
using MeliProxy.RateLimiting.Leasing;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Does operations on the bucket, some at a time, and tells how each of them ended.</summary>
/// <remarks>
/// As there is one operation for each key at most, their number needs no other bound. Ledgers, which are long and many, go a way of their own:
/// an owner whose renewal had to wait for them would lose its shard.
/// </remarks>
internal sealed class BucketOperations(
    SharingBucket bucket, QuotaSharing sharing, INatsConnection connection, TimeProvider time, NatsSharingLog log)
{
    /// <summary>How long after it was asked for an operation counts as failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const string BulkPrefix = "ledger.";
    private const int Concurrency = 4;

    private readonly FailureWatch _reads = new(time);
    private readonly FailureWatch _writes = new(time);
    private readonly Channel<BucketOperation> _operations = Channel.CreateUnbounded<BucketOperation>();
    private readonly Channel<BucketOperation> _bulk = Channel.CreateUnbounded<BucketOperation>();

    /// <summary>Called when the bucket turns out not to be there any more.</summary>
    public Action? Gone { get; set; }

    /// <summary>Called when operations did nothing but fail for some seconds, with what the server says.</summary>
    public Action<string>? Failing { get; set; }

    public void Read(string key) => Post(new BucketOperation(key, false, new PooledBytes([]), 0, time.GetTimestamp()));

    public void Write(string key, ReadOnlySpan<byte> value, ulong revision) =>
        Post(new BucketOperation(key, true, new PooledBytes(value), revision, time.GetTimestamp()));

    /// <summary>Takes no more operations, so that <see cref="RunAsync"/> ends when those taken are done.</summary>
    public void Complete()
    {
        _operations.Writer.TryComplete();
        _bulk.Writer.TryComplete();
    }

    /// <summary>Does operations until there is nothing more to come.</summary>
    public Task RunAsync() => Task.WhenAll(
        Enumerable.Range(0, 2 * Concurrency).Select(i => Task.Run(() => WorkAsync((i < Concurrency ? _operations : _bulk).Reader))));

    private void Post(BucketOperation operation)
    {
        bool isBulk = operation.Key.StartsWith(BulkPrefix, StringComparison.Ordinal);
        if (!(isBulk ? _bulk : _operations).Writer.TryWrite(operation))
        {
            operation.Value.Return();
        }
    }

    private async Task WorkAsync(ChannelReader<BucketOperation> operations)
    {
        await foreach (BucketOperation operation in operations.ReadAllAsync())
        {
            try
            {
                await DoAsync(operation);
            }
            catch (Exception e)
            {
                log.Failed(e);
            }

            operation.Value.Return();
        }
    }

    private async Task DoAsync(BucketOperation operation)
    {
        TimeSpan left = Patience - time.GetElapsedTime(operation.PostedAt);
        if (left <= TimeSpan.Zero || connection.ConnectionState != NatsConnectionState.Open)
        {
            sharing.OperationFailed(operation.Key);
            return;
        }

        FailureWatch watch = operation.IsWrite ? _writes : _reads;
        using CancellationTokenSource timeout = new(left, time);
        BucketValue read = default;
        ulong written = 0;
        try
        {
            if (operation.IsWrite)
            {
                written = await bucket.WriteAsync(operation.Key, operation.Value.Memory, operation.Revision, timeout.Token);
            }
            else
            {
                read = await bucket.ReadAsync(operation.Key, timeout.Token);
            }
        }
        catch (Exception e)
        {
            sharing.OperationFailed(operation.Key);
            if (SharingBucket.IsGone(e))
            {
                Gone?.Invoke();
            }
            else if (e is not (NatsException or OperationCanceledException or ObjectDisposedException))
            {
                log.Failed(e);
            }
            else if (watch.Failed())
            {
                Failing?.Invoke(SharingBucket.ReasonOf(e));
            }

            return;
        }

        watch.Succeeded();

        if (operation.IsWrite)
        {
            sharing.WriteCompleted(operation.Key, written);
        }
        else
        {
            sharing.ReadCompleted(operation.Key, read.Bytes.Span, read.Revision);
        }
    }
}

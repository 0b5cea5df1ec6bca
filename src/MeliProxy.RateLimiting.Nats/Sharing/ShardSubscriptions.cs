using MeliProxy.RateLimiting.Leasing;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Listens to the reports for the shards that this process owns. The client listens again by itself after a reconnect.</summary>
internal sealed class ShardSubscriptions(INatsConnection connection, NatsSubjects subjects, Inbox inbox, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    private readonly bool[] _wanted = new bool[QuotaSharing.ShardCount];
    private readonly RawSubscription?[] _current = new RawSubscription?[QuotaSharing.ShardCount];
    private readonly Wake _wake = new(time);

    /// <summary>Has a shard be listened to from soon on, or no more.</summary>
    public void Set(int shard, bool listens)
    {
        Volatile.Write(ref _wanted[shard], listens);
        _wake.Set();
    }

    /// <summary>Follows what is wanted until told to stop.</summary>
    public async Task FollowAsync(NatsSharingLog log, CancellationToken stop)
    {
        bool isDone = true;
        while (true)
        {
            await _wake.WaitAsync(isDone ? Timeout.InfiniteTimeSpan : RetryInterval, stop);
            try
            {
                isDone = await TryFollowAsync(stop);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                isDone = false;
                if (e is not (OperationCanceledException or TimeoutException or NatsException))
                {
                    log.Failed(e);
                }
            }
        }
    }

    private async Task<bool> TryFollowAsync(CancellationToken stop)
    {
        for (int shard = 0; shard < _wanted.Length; shard++)
        {
            bool isWanted = Volatile.Read(ref _wanted[shard]);
            if (isWanted == _current[shard] is not null)
            {
                continue;
            }

            if (connection.ConnectionState != NatsConnectionState.Open)
            {
                return false;
            }

            if (isWanted)
            {
                await ListenAsync(shard, stop);
            }
            else
            {
                RawSubscription subscription = _current[shard]!;
                _current[shard] = null;
                await subscription.DisposeAsync().AsTask().WaitAsync(Patience, time, stop);
            }
        }

        return true;
    }

    private async Task ListenAsync(int shard, CancellationToken stop)
    {
        using CancellationTokenSource timeout = new(Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        RawSubscription subscription = new(connection, subjects.LeaseShard(shard), inbox.ReportsFor(shard));
        await subscription.BeginAsync(either.Token);
        _current[shard] = subscription;
    }
}

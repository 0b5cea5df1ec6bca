using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>What it tells of itself.</content>
public sealed partial class QuotaSharing
{
    /// <summary>Tells how this process takes part.</summary>
    /// <returns>The status as of now.</returns>
    /// <exception cref="InvalidOperationException">No limiter uses it.</exception>
    public SharingStatus GetStatus()
    {
        lock (_gate)
        {
            if (_engine is null)
            {
                throw new InvalidOperationException("Give it to a limiter first, as the limiter's option Sharing.");
            }

            QuotaInstant now = Clock.Now();
            long[] lags = [.. Holder.Links.Where(l => l.Lag > 0).Select(l => l.Lag)];
            return new SharingStatus
            {
                Node = Node,
                IsConnected = _isConnected,
                Members = Holder.AreMembersKnown ? Holder.Members : 0,
                LeasedKeys = Holder.Count,
                HeldPermits = Holder.CountHeld(now),
                Lag = lags.Length == 0 ? null : new TimeSpan(lags.Max() / QuotaClock.UnitsPerTick),
                RefusedMessages = _refused,
                Shards =
                [
                    .. Holder.Links
                        .Where(l => l.Sequence > 0 || _ownerships[l.Shard].Ledger is not null)
                        .Select(l => StatusOf(l, _ownerships[l.Shard], now)),
                ],
                Rules = Holder.RuleStatuses(),
            };
        }
    }

    private static ShardStatus StatusOf(ShardLink link, ShardOwnership ownership, in QuotaInstant now) => new(
        link.Shard,
        ownership.Ledger?.Epoch ?? link.Epoch,
        ownership.IsOwned(now.Units),
        link.IsCutOff,
        ownership.Ledger?.Keys ?? 0,
        ownership.Ledger?.Outstanding ?? 0);
}

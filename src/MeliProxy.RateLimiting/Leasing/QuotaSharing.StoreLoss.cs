using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>The loss of the keys that members agree by: they are emptied, replaced, or put back to an earlier state.</content>
public sealed partial class QuotaSharing
{
    private static readonly long NoticeInterval = QuotaClock.Units(TimeSpan.FromSeconds(30));

    /// <summary>What comes back faster is whole again by then, and leases that were granted before have ended.</summary>
    private static readonly long NewLife = QuotaClock.Units(TimeSpan.FromSeconds(10));

    private long _replacementNoticedAt = -NoticeInterval;
    private long _storeNewAt = -NewLife;

    /// <summary>Whether what is written is new, so that a shard without an owner may have had one all the same.</summary>
    private bool IsStoreNew(long now) => now - _storeNewAt < NewLife;

    /// <summary>
    /// Goes by what is written of a shard's owner, though more was known: what is written is what members agree on, whoever has said what.
    /// </summary>
    /// <param name="link">The shard, whose owner does not answer or is this process.</param>
    /// <param name="epoch">The epoch that is written, lower than the known one; 0 if none is.</param>
    /// <param name="now">The moment.</param>
    private void FollowStore(ShardLink link, ulong epoch, in QuotaInstant now)
    {
        StoreReplaced(now.Units);

        // Where none is written, the next owner's is: until then, the one that is lost may still answer.
        if (epoch > 0)
        {
            Holder.FollowEpoch(link, epoch, now);
        }
    }

    private void StoreReplaced(long now)
    {
        if (now - _replacementNoticedAt >= NoticeInterval)
        {
            _replacementNoticedAt = now;
            _transport!.Notice(SharingNotice.StoreReplaced);
        }

        // The secret may be another, too.
        _storeNewAt = now;
        _secretAt = 0;
    }
}

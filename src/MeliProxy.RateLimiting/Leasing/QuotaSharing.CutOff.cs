using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>Being cut off from the others.</content>
public sealed partial class QuotaSharing
{
    /// <summary>At the start, how long to wait for the first connection.</summary>
    private static readonly long StartPatience = QuotaClock.Units(TimeSpan.FromSeconds(3));

    /// <summary>How long to wait for an owner, while there is a connection: twice as long as another takes to take over.</summary>
    private static readonly long OwnerPatience = QuotaClock.Units(2 * ShardOwnership.Life);

    private long _aloneSince;
    private bool _wasJoined;

    /// <summary>Whether the others can be reached, as far as the transport knows.</summary>
    private bool IsJoined => _isConnected && Holder.Secret is not null;

    /// <summary>Puts shards under what rules do when cut off, or under leases again.</summary>
    private void FollowCutOff(in QuotaInstant now)
    {
        bool isAlone = !IsJoined && (_wasJoined || now.Units - _aloneSince > StartPatience);
        Span<bool> isCutOff = stackalloc bool[ShardCount];
        foreach (ShardLink link in Holder.Links)
        {
            isCutOff[link.Shard] =
                isAlone || (IsJoined && link.UnansweredSince != 0 && now.Units - link.UnansweredSince > OwnerPatience);
        }

        Holder.FollowCutOff(isCutOff, now);
    }
}

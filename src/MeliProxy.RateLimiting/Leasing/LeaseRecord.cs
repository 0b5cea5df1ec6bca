using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>What a ledger knows of one member's lease of a key.</summary>
internal sealed class LeaseRecord(ulong account)
{
    private static readonly long Grace = QuotaClock.Units(TimeSpan.FromSeconds(2));

    /// <summary>The member's number of the lease.</summary>
    public ulong Account { get; } = account;

    /// <summary>The last report that was taken into account.</summary>
    public ulong Sequence { get; set; }

    public long Granted { get; set; }

    public long Allowed { get; set; }

    public long Spent { get; set; }

    public long Returned { get; set; }

    public long Wanted { get; set; }

    /// <summary>When the member has certainly stopped spending.</summary>
    public long ExpiresAt { get; set; }

    /// <summary>Until when its member may still tell what it has left of it, before that counts as spent.</summary>
    public long ClosesAt => ExpiresAt + Grace;

    /// <summary>Permits that it may have spent, or may still spend, beyond those that it told of.</summary>
    public long Outstanding => Math.Max(Granted + Allowed - Spent - Returned, 0);
}

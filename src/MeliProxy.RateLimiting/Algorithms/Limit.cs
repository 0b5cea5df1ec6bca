using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>
/// A rule's numbers, ready to be applied to the 64-bit state of one key. All members are pure: they take a state and return one.
/// </summary>
internal abstract class Limit
{
    private protected Limit(SlotKind kind, long capacity)
    {
        Kind = kind;
        Capacity = capacity;
    }

    public SlotKind Kind { get; }

    /// <summary>The most permits that a key can hold; 0 blocks.</summary>
    public long Capacity { get; }

    public static Limit For(RateLimitRule rule) => rule.Algorithm switch
    {
        RateLimitAlgorithm.TokenBucket => new TokenBucketLimit(rule),
        RateLimitAlgorithm.FixedWindow => new FixedWindowLimit(rule),
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    /// <summary>Whether a key in this state stands exactly as a key never seen, and the state differs from the one that a key new now gets.</summary>
    public static bool IsIdle(SlotKind kind, long state, in QuotaInstant now) => kind switch
    {
        SlotKind.TokenBucket => state < now.Units,
        _ => WindowLayout.Of(kind).EndMilliseconds(state) <= now.WallMilliseconds,
    };

    /// <summary>The state of a key never seen.</summary>
    public abstract long Fresh(in QuotaInstant now);

    /// <summary>The state of a key that has just used its whole quota.</summary>
    public abstract long Exhausted(in QuotaInstant now);

    /// <summary>Takes <paramref name="cost"/> permits if they can be had.</summary>
    public abstract bool TryTake(long state, long cost, in QuotaInstant now, out long newState);

    /// <summary>
    /// Gives back permits. What has come back by itself since they were taken is not given back again, so the key never holds more than it
    /// would hold had they never been taken.
    /// </summary>
    /// <param name="state">The key's state now.</param>
    /// <param name="taken">The state in which the taking left the key.</param>
    /// <param name="cost">How many permits were taken.</param>
    /// <param name="now">A moment read after <paramref name="state"/>.</param>
    public abstract long Refund(long state, long taken, long cost, in QuotaInstant now);

    public abstract QuotaStanding Standing(long state, long cost, in QuotaInstant now);

    /// <summary>The share of the quota in use, 0 to 1 and beyond.</summary>
    public abstract double Used(long state, in QuotaInstant now);
}

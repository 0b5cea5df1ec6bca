using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>
/// A rule's numbers, ready to be applied to the state of one key. All members are pure: they take a state and return one.
/// </summary>
internal abstract class Limit
{
    private protected Limit(SlotKind kind, long capacity, bool counts = true)
    {
        Counts = counts;
        Kind = kind;
        Capacity = capacity;
    }

    public SlotKind Kind { get; }

    /// <summary>The most permits that a key can hold; 0 blocks.</summary>
    public long Capacity { get; }

    /// <summary>Whether the answer depends on the key's state.</summary>
    public bool Counts { get; }

    public static Limit For(RateLimitRule rule) => rule switch
    {
        { Limit: 0 } => new BlockedLimit(KindOf(rule), rule.NominalWindow, endsAtUnixMilliseconds: null),
        { Algorithm: RateLimitAlgorithm.TokenBucket } => new TokenBucketLimit(rule),
        { Algorithm: RateLimitAlgorithm.FixedWindow } => new FixedWindowLimit(rule),
        { Algorithm: RateLimitAlgorithm.SlidingWindow } => new SlidingWindowLimit(rule),
        { Algorithm: RateLimitAlgorithm.Concurrency } => new ConcurrencyLimit(rule),
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    /// <summary>How the states of a rule's keys are to be read.</summary>
    public static SlotKind KindOf(RateLimitRule rule) => rule switch
    {
        { Algorithm: RateLimitAlgorithm.TokenBucket } => SlotKind.TokenBucket,
        { Algorithm: RateLimitAlgorithm.Concurrency } => SlotKind.Concurrency,
        { Algorithm: RateLimitAlgorithm.SlidingWindow } => WindowLayout.For(rule.Window).SlidingKind,
        { Calendar: not null } => SlotKind.WindowOfMinutes,
        _ => WindowLayout.For(rule.Window).Kind,
    };

    /// <summary>Whether a key in this state stands exactly as a key never seen, and the state differs from the one that a key new now gets.</summary>
    public static bool IsIdle(SlotKind kind, long state, in QuotaInstant now) => kind switch
    {
        SlotKind.TokenBucket or SlotKind.Lease => state < now.Units,
        SlotKind.Concurrency => ConcurrencyLimit.IsIdle(state),
        _ => WindowLayout.Of(kind).EndMilliseconds(state) <= now.WallMilliseconds,
    };

    /// <summary>The state of a key never seen.</summary>
    public abstract KeyState Fresh(in KeyHash hash, in QuotaInstant now);

    /// <summary>The state of a key that has just used its whole quota.</summary>
    public abstract KeyState Exhausted(in KeyHash hash, in QuotaInstant now);

    /// <summary>Computes the state after taking <paramref name="cost"/> permits; whether they can be had.</summary>
    public abstract bool TryTake(in KeyState state, long cost, in QuotaInstant now, out long word);

    /// <summary>The state after <paramref name="cost"/> permits are taken whether or not they can be had. A key cannot be driven into debt without end.</summary>
    public abstract long Charge(in KeyState state, long cost, in QuotaInstant now);

    /// <summary>
    /// Gives back permits. What has come back by itself since they were taken is not given back again, so the key never holds more than it
    /// would hold had they never been taken.
    /// </summary>
    /// <param name="state">The key's state now.</param>
    /// <param name="taken">The state in which the taking left the key.</param>
    /// <param name="cost">How many permits were taken.</param>
    /// <param name="now">A moment read after <paramref name="state"/>.</param>
    public abstract long Refund(in KeyState state, long taken, long cost, in QuotaInstant now);

    /// <summary>How many permits can be charged to a state before it goes beyond another state of the same key; not less than 0.</summary>
    public virtual long PermitsUpTo(in KeyState state, long word, in QuotaInstant now) => 0;

    public abstract QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now);

    /// <summary>The share of the quota in use, 0 to 1 and beyond.</summary>
    public abstract double Used(in KeyState state, in QuotaInstant now);
}

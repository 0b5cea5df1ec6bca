using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Counts permits held. A key's state is that count, below 39 bits of its hash that keep the states of different keys different.</summary>
internal sealed class ConcurrencyLimit : Limit
{
    private const int CountBits = 24;
    private const long CountMask = (1L << CountBits) - 1;

    public ConcurrencyLimit(RateLimitRule rule)
        : base(SlotKind.Concurrency, rule.Limit)
    {
    }

    public static bool IsIdle(long word) => (word & CountMask) == 0;

    // One of the bits is set, so that no state is one of the special ones.
    public override KeyState Fresh(in KeyHash hash, in QuotaInstant now) =>
        new((long)(((hash.Low >> 1) | (1UL << 62)) & ~(ulong)CountMask), 0);

    public override KeyState Exhausted(in KeyHash hash, in QuotaInstant now) => new(Fresh(hash, now).Word + Capacity, 0);

    public override bool TryTake(in KeyState state, long cost, in QuotaInstant now, out long word)
    {
        word = state.Word + cost;
        return cost <= Capacity - (state.Word & CountMask);
    }

    public override long Charge(in KeyState state, long cost, in QuotaInstant now) => state.Word;

    public override long Refund(in KeyState state, long taken, long cost, in QuotaInstant now) =>
        state.Word - Math.Min(cost, state.Word & CountMask);

    /// <remarks>When permits come back is up to those who hold them, so no time is told.</remarks>
    public override QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now) =>
        new(Math.Max(Capacity - (state.Word & CountMask), 0), TimeSpan.Zero, TimeSpan.Zero);

    public override double Used(in KeyState state, in QuotaInstant now) => (double)(state.Word & CountMask) / Capacity;
}

using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>A limit whose answer is always the same. The key's counts stay as they are.</summary>
internal abstract class UncountedLimit : Limit
{
    private protected UncountedLimit(SlotKind kind, long capacity)
        : base(kind, capacity, counts: false)
    {
    }

    public override KeyState Fresh(in KeyHash hash, in QuotaInstant now) => default;

    public override KeyState Exhausted(in KeyHash hash, in QuotaInstant now) => default;

    public override bool TryTake(in KeyState state, long cost, in QuotaInstant now, out long word)
    {
        word = state.Word;
        return cost <= Capacity;
    }

    public override long Charge(in KeyState state, long cost, in QuotaInstant now) => state.Word;

    public override long Refund(in KeyState state, long taken, long cost, in QuotaInstant now) => state.Word;
}

using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Lets everything pass. The key's counts stay as they are.</summary>
internal sealed class UnlimitedLimit(SlotKind kind) : Limit(kind, long.MaxValue, counts: false)
{
    public override KeyState Fresh(in KeyHash hash, in QuotaInstant now) => default;

    public override KeyState Exhausted(in KeyHash hash, in QuotaInstant now) => default;

    public override bool TryTake(in KeyState state, long cost, in QuotaInstant now, out long word)
    {
        word = state.Word;
        return true;
    }

    public override long Charge(in KeyState state, long cost, in QuotaInstant now) => state.Word;

    public override long Refund(in KeyState state, long taken, long cost, in QuotaInstant now) => state.Word;

    public override QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now) =>
        new(long.MaxValue, TimeSpan.Zero, TimeSpan.Zero);

    public override double Used(in KeyState state, in QuotaInstant now) => 0;
}

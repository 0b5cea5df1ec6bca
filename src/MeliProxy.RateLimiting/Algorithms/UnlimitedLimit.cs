using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Lets everything pass.</summary>
internal sealed class UnlimitedLimit(SlotKind kind) : UncountedLimit(kind, long.MaxValue)
{
    public override QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now) =>
        new(long.MaxValue, TimeSpan.Zero, TimeSpan.Zero);

    public override double Used(in KeyState state, in QuotaInstant now) => 0;
}

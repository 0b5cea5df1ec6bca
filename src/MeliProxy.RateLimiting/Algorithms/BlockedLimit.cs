using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Rejects everything.</summary>
/// <param name="kind">How the states of the keys are to be read.</param>
/// <param name="retryAfter">What a caller is told to wait if no end is known.</param>
/// <param name="endsAtUnixMilliseconds">When the block ends.</param>
internal sealed class BlockedLimit(SlotKind kind, TimeSpan retryAfter, long? endsAtUnixMilliseconds) : UncountedLimit(kind, 0)
{
    public override QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now)
    {
        TimeSpan wait = endsAtUnixMilliseconds is { } end ? TimeSpan.FromMilliseconds(Math.Max(end - now.UnixMilliseconds, 0)) : retryAfter;
        return new QuotaStanding(0, wait, wait);
    }

    public override double Used(in KeyState state, in QuotaInstant now) => 1;
}

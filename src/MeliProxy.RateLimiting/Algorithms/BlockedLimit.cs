using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Rejects everything. The key's counts stay as they are.</summary>
internal sealed class BlockedLimit : Limit
{
    private readonly TimeSpan _retryAfter;
    private readonly long? _endsAtUnixMilliseconds;

    /// <param name="kind">How the states of the keys are to be read.</param>
    /// <param name="retryAfter">What a caller is told to wait if no end is known.</param>
    /// <param name="endsAtUnixMilliseconds">When the block ends.</param>
    public BlockedLimit(SlotKind kind, TimeSpan retryAfter, long? endsAtUnixMilliseconds)
        : base(kind, 0, counts: false)
    {
        _retryAfter = retryAfter;
        _endsAtUnixMilliseconds = endsAtUnixMilliseconds;
    }

    public override KeyState Fresh(in KeyHash hash, in QuotaInstant now) => default;

    public override KeyState Exhausted(in KeyHash hash, in QuotaInstant now) => default;

    public override bool TryTake(in KeyState state, long cost, in QuotaInstant now, out long word)
    {
        word = state.Word;
        return false;
    }

    public override long Charge(in KeyState state, long cost, in QuotaInstant now) => state.Word;

    public override long Refund(in KeyState state, long taken, long cost, in QuotaInstant now) => state.Word;

    public override QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now)
    {
        TimeSpan wait = _endsAtUnixMilliseconds is { } end ? TimeSpan.FromMilliseconds(Math.Max(end - now.UnixMilliseconds, 0)) : _retryAfter;
        return new QuotaStanding(0, wait, wait);
    }

    public override double Used(in KeyState state, in QuotaInstant now) => 1;
}

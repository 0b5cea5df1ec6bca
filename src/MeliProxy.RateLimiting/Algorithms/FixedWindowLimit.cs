using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>
/// Counts within windows aligned to the Unix epoch. A key's state is the end of its window and the count in it; see
/// <see cref="WindowLayout"/>.
/// </summary>
/// <remarks>
/// A wall clock that is set back a little does not reopen a window: a key stays in the latest window it was seen in. Windows
/// follow one that is set back by more than <see cref="QuotaClock"/> waits for; the current window of a key may end early then, not late.
/// </remarks>
internal sealed class FixedWindowLimit : Limit
{
    private readonly WindowLayout _layout;
    private readonly long _windowMilliseconds;

    public FixedWindowLimit(RateLimitRule rule)
        : base(WindowLayout.For(rule.Window).Kind, rule.Limit)
    {
        _layout = WindowLayout.For(rule.Window);
        _windowMilliseconds = rule.Window.Ticks / TimeSpan.TicksPerMillisecond;
    }

    public override long Fresh(in QuotaInstant now) => _layout.Pack(WindowEnd(now), 0);

    public override long Exhausted(in QuotaInstant now) => _layout.Pack(WindowEnd(now), Capacity);

    public override bool TryTake(long state, long cost, in QuotaInstant now, out long newState)
    {
        long current = Current(state, now);
        newState = current + cost;
        return cost <= Capacity - _layout.Count(current);
    }

    public override long Refund(long state, long taken, long cost, in QuotaInstant now)
    {
        // What was taken in a window that has ended is gone with it.
        bool sameWindow = _layout.EndMilliseconds(state) == _layout.EndMilliseconds(taken);
        return sameWindow ? state - Math.Min(cost, _layout.Count(state)) : state;
    }

    public override QuotaStanding Standing(long state, long cost, in QuotaInstant now)
    {
        long current = Current(state, now);
        long remaining = Math.Max(Capacity - _layout.Count(current), 0);
        TimeSpan untilEnd = TimeSpan.FromMilliseconds(_layout.EndMilliseconds(current) - now.WallMilliseconds);
        return new QuotaStanding(remaining, untilEnd, cost <= remaining ? TimeSpan.Zero : untilEnd);
    }

    public override double Used(long state, in QuotaInstant now) =>
        Capacity == 0 ? 1 : (double)_layout.Count(Current(state, now)) / Capacity;

    private long Current(long state, in QuotaInstant now)
    {
        long end = WindowEnd(now);
        return _layout.EndMilliseconds(state) < end ? _layout.Pack(end, 0) : state;
    }

    /// <summary>The end of the window that holds <paramref name="now"/>, in milliseconds from the clock's base.</summary>
    private long WindowEnd(in QuotaInstant now)
    {
        long unix = now.WallMilliseconds + now.WallBaseUnixMilliseconds;
        return now.WallMilliseconds - (unix % _windowMilliseconds) + _windowMilliseconds;
    }
}

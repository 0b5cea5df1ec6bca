using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>
/// Counts within windows. A key's state is the end of its window and the count in it; see <see cref="WindowLayout"/>.
/// </summary>
/// <remarks>
/// A wall clock that is set back a little does not reopen a window: a key stays in the latest window it was seen in. Windows
/// follow one that is set back by more than <see cref="QuotaClock"/> waits for; the current window of a key may end early then, not late.
/// A debt ends with its window.
/// </remarks>
internal sealed class FixedWindowLimit : Limit
{
    private readonly WindowLayout _layout;
    private readonly IWindowSchedule _schedule;

    public FixedWindowLimit(RateLimitRule rule)
        : base(KindOf(rule), rule.Limit)
    {
        _layout = WindowLayout.Of(Kind);
        _schedule = rule.Calendar is { } period ? new CalendarWindows(period, rule.TimeZone) : new EqualWindows(rule.Window);
    }

    public override KeyState Fresh(in KeyHash hash, in QuotaInstant now) => new(_layout.Pack(_schedule.EndMilliseconds(now), 0), 0);

    public override KeyState Exhausted(in KeyHash hash, in QuotaInstant now) =>
        new(_layout.Pack(_schedule.EndMilliseconds(now), Capacity), 0);

    public override bool TryTake(in KeyState state, long cost, in QuotaInstant now, out long word)
    {
        long current = Current(state, now);
        word = current + cost;
        return cost <= Capacity - _layout.Count(current);
    }

    public override long Charge(in KeyState state, long cost, in QuotaInstant now) => _layout.Add(Current(state, now), cost);

    public override long Refund(in KeyState state, long taken, long cost, in QuotaInstant now)
    {
        // What was taken in a window that has ended is gone with it.
        bool sameWindow = _layout.EndMilliseconds(state.Word) == _layout.EndMilliseconds(taken);
        return sameWindow ? state.Word - Math.Min(cost, _layout.Count(state.Word)) : state.Word;
    }

    public override long PermitsUpTo(in KeyState state, long word, in QuotaInstant now)
    {
        long current = Current(state, now);
        return _layout.EndMilliseconds(current) == _layout.EndMilliseconds(word) ? Math.Max(_layout.Count(word) - _layout.Count(current), 0) : 0;
    }

    public override QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now)
    {
        long current = Current(state, now);
        long remaining = Math.Max(Capacity - _layout.Count(current), 0);
        TimeSpan untilEnd = TimeSpan.FromMilliseconds(_layout.EndMilliseconds(current) - now.WallMilliseconds);
        return new QuotaStanding(remaining, untilEnd, cost <= remaining ? TimeSpan.Zero : untilEnd);
    }

    public override double Used(in KeyState state, in QuotaInstant now) => (double)_layout.Count(Current(state, now)) / Capacity;

    private long Current(in KeyState state, in QuotaInstant now)
    {
        long end = _schedule.EndMilliseconds(now);
        return _layout.EndMilliseconds(state.Word) < end ? _layout.Pack(end, 0) : state.Word;
    }
}

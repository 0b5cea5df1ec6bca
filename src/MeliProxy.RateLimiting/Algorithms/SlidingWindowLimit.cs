using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>
/// Estimates the use of the window that ends now from two aligned windows: all of the current one, and of the one before the share that still
/// lies within, rounded up.
/// </summary>
/// <remarks>
/// A key's state is the count of its current window, and the moment until which it matters: one window longer than the window lasts. See
/// <see cref="WindowLayout"/>; <see cref="KeyState.Previous"/> has the same form.
/// </remarks>
internal sealed class SlidingWindowLimit : Limit
{
    private readonly WindowLayout _layout;
    private readonly EqualWindows _schedule;
    private readonly long _windowMilliseconds;

    public SlidingWindowLimit(RateLimitRule rule)
        : base(KindOf(rule), rule.Limit)
    {
        _layout = WindowLayout.Of(Kind);
        _schedule = new EqualWindows(rule.Window);
        _windowMilliseconds = rule.Window.Ticks / TimeSpan.TicksPerMillisecond;
    }

    // The window before is one that nothing was taken in, and a state that no other key has had in this place.
    public override KeyState Fresh(in KeyHash hash, in QuotaInstant now)
    {
        long until = Until(now);
        return new KeyState(_layout.Pack(until, 0), _layout.Pack(until - _windowMilliseconds, 0));
    }

    public override KeyState Exhausted(in KeyHash hash, in QuotaInstant now)
    {
        KeyState fresh = Fresh(hash, now);
        return new KeyState(_layout.Add(fresh.Word, Capacity), fresh.Previous);
    }

    public override bool TryTake(in KeyState state, long cost, in QuotaInstant now, out long word)
    {
        KeyState current = Current(state, now);
        word = current.Word + cost;
        return cost <= Capacity - Estimate(current, now);
    }

    public override long Charge(in KeyState state, long cost, in QuotaInstant now) => _layout.Add(Current(state, now).Word, cost);

    public override long Refund(in KeyState state, long taken, long cost, in QuotaInstant now)
    {
        // What was taken in a window that has ended stays with it.
        bool sameWindow = !state.IsFrozen && _layout.EndMilliseconds(state.Word) == _layout.EndMilliseconds(taken);
        return sameWindow ? state.Word - Math.Min(cost, _layout.Count(state.Word)) : state.Word;
    }

    public override long PermitsUpTo(in KeyState state, long word, in QuotaInstant now)
    {
        long current = Current(state, now).Word;
        return _layout.EndMilliseconds(current) == _layout.EndMilliseconds(word) ? Math.Max(_layout.Count(word) - _layout.Count(current), 0) : 0;
    }

    public override QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now)
    {
        KeyState current = Current(state, now);
        long remaining = Math.Max(Capacity - Estimate(current, now), 0);
        long whole = _layout.Count(current.Word) > 0 ? _layout.EndMilliseconds(current.Word)
            : _layout.Count(current.Previous) > 0 ? _layout.EndMilliseconds(current.Previous)
            : now.WallMilliseconds;
        return new QuotaStanding(
            remaining,
            TimeSpan.FromMilliseconds(Math.Max(whole - now.WallMilliseconds, 0)),
            cost <= remaining ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Wait(current, cost, now)));
    }

    public override double Used(in KeyState state, in QuotaInstant now) => (double)Estimate(Current(state, now), now) / Capacity;

    /// <summary>How long until the permits can be had, if no others are taken.</summary>
    private long Wait(in KeyState current, long cost, in QuotaInstant now)
    {
        // Within the current window the one before fades; after its end the current one does.
        long free = Capacity - _layout.Count(current.Word) - cost;
        if (free >= 0)
        {
            return Fade(current.Previous, free, now);
        }

        return Fade(current.Word, Math.Max(Capacity - cost, 0), now);
    }

    /// <summary>How long until at most <paramref name="rest"/> permits of a window count.</summary>
    private long Fade(long word, long rest, in QuotaInstant now)
    {
        long count = _layout.Count(word);
        long left = count <= rest ? _windowMilliseconds : (long)((Int128)rest * _windowMilliseconds / count);
        return Math.Max(_layout.EndMilliseconds(word) - left - now.WallMilliseconds, 0);
    }

    private long Estimate(in KeyState current, in QuotaInstant now)
    {
        long count = _layout.Count(current.Previous);
        long left = Math.Clamp(_layout.EndMilliseconds(current.Previous) - now.WallMilliseconds, 0, _windowMilliseconds);
        long faded = count == 0 || left == 0 ? 0 : (long)((((Int128)count * left) + _windowMilliseconds - 1) / _windowMilliseconds);
        return _layout.Count(current.Word) + faded;
    }

    /// <summary>The state as of the window that holds <paramref name="now"/>, or the latest that the key was seen in.</summary>
    private KeyState Current(in KeyState state, in QuotaInstant now)
    {
        long last = _layout.EndMilliseconds(state.Word);
        long until = Until(now);

        // Frozen: the window has ended by another thread's clock, a little ahead of this one's.
        if (state.IsFrozen && until <= last)
        {
            until = last + _windowMilliseconds;
        }

        return until <= last ? state : new KeyState(_layout.Pack(until, 0), state.Value);
    }

    private long Until(in QuotaInstant now) => _schedule.EndMilliseconds(now) + _windowMilliseconds;
}

using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371). A key's state is its theoretical arrival time (TAT): the moment at which its bucket is
/// full again. Taking a permit moves it one interval ahead, and it may be at most a full burst ahead of now.
/// </summary>
/// <remarks>
/// The interval is window ÷ limit rounded up to a whole unit of 1/32 ns, so the rate is never above the limit. It is below it by less
/// than one part in 3,000 at ten million a second and by less than one part in 3 million at ten thousand, and nothing adds up.
/// </remarks>
internal sealed class TokenBucketLimit : Limit
{
    private readonly long _interval;
    private readonly long _burst;
    private readonly long _maxAhead;
    private readonly bool _hasDebts;

    public TokenBucketLimit(RateLimitRule rule)
        : base(SlotKind.TokenBucket, rule.Capacity)
    {
        _interval = Interval(rule.Limit, rule.Window);
        _burst = rule.Capacity * _interval;

        // A debt is at most what a year pays back.
        _hasDebts = rule.Charge is not null;
        _maxAhead = _burst + (RateLimitRule.MaxWindow.Ticks * QuotaClock.UnitsPerTick);
    }

    /// <summary>The largest burst that refills within <see cref="RateLimitRule.MaxWindow"/>.</summary>
    public static long MaxBurst(long limit, TimeSpan window) =>
        limit == 0 ? long.MaxValue : RateLimitRule.MaxWindow.Ticks * QuotaClock.UnitsPerTick / Interval(limit, window);

    public override KeyState Fresh(in KeyHash hash, in QuotaInstant now) => new(now.Units, 0);

    public override KeyState Exhausted(in KeyHash hash, in QuotaInstant now) => new(now.Units + _burst, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override bool TryTake(in KeyState state, long cost, in QuotaInstant now, out long word)
    {
        if (cost > Capacity)
        {
            word = state.Word;
            return false;
        }

        word = Math.Max(state.Word, now.Units) + (cost * _interval);
        return word - now.Units <= _burst;
    }

    /// <summary>
    /// Whether a key is further from a permit than taking them can bring it. Only charges make that, and a rule whose numbers were others before.
    /// </summary>
    /// <param name="state">The key's state.</param>
    /// <param name="now">A moment read after <paramref name="state"/>: to an earlier one, what others took since looks like it too.</param>
    public bool IsBeyondExhausted(in KeyState state, in QuotaInstant now) => !_hasDebts && state.Word - now.Units > _burst;

    public override long Charge(in KeyState state, long cost, in QuotaInstant now)
    {
        long full = Math.Max(state.Word, now.Units);
        long room = Math.Max(now.Units + _maxAhead - full, 0);
        return full + (cost > room / _interval ? room : cost * _interval);
    }

    public override long Refund(in KeyState state, long taken, long cost, in QuotaInstant now) =>
        state.Word - Math.Clamp(taken - now.Units, 0, (long)Int128.Min((Int128)cost * _interval, long.MaxValue));

    public override long PermitsUpTo(in KeyState state, long word, in QuotaInstant now) =>
        Math.Max(word - Math.Max(state.Word, now.Units), 0) / _interval;

    public override QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now)
    {
        long ahead = Math.Max(state.Word - now.Units, 0);
        long free = Math.Max(_burst - ahead, 0);
        long wait = cost > Capacity ? _burst : Math.Max(ahead + (cost * _interval) - _burst, 0);
        return new QuotaStanding(free / _interval, ToTimeSpan(ahead), ToTimeSpan(wait));
    }

    public override double Used(in KeyState state, in QuotaInstant now) => (double)Math.Max(state.Word - now.Units, 0) / _burst;

    private static long Interval(long limit, TimeSpan window) =>
        (long)((((Int128)window.Ticks * QuotaClock.UnitsPerTick) + limit - 1) / limit);

    private static TimeSpan ToTimeSpan(long units) => new((units + QuotaClock.UnitsPerTick - 1) / QuotaClock.UnitsPerTick);
}

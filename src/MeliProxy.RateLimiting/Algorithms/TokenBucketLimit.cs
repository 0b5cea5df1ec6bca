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
    private readonly TimeSpan _window;

    public TokenBucketLimit(RateLimitRule rule)
        : base(SlotKind.TokenBucket, rule.Capacity)
    {
        _window = rule.Window;
        _interval = rule.Limit == 0 ? 0 : Interval(rule.Limit, rule.Window);
        _burst = rule.Capacity * _interval;
    }

    /// <summary>The largest burst that refills within <see cref="RateLimitRule.MaxWindow"/>.</summary>
    public static long MaxBurst(long limit, TimeSpan window) =>
        limit == 0 ? long.MaxValue : RateLimitRule.MaxWindow.Ticks * QuotaClock.UnitsPerTick / Interval(limit, window);

    public override long Fresh(in QuotaInstant now) => now.Units;

    public override long Exhausted(in QuotaInstant now) => now.Units + _burst;

    public override bool TryTake(long state, long cost, in QuotaInstant now, out long newState)
    {
        if (cost > Capacity)
        {
            newState = state;
            return false;
        }

        newState = Math.Max(state, now.Units) + (cost * _interval);
        return newState - now.Units <= _burst;
    }

    public override long Refund(long state, long taken, long cost, in QuotaInstant now) =>
        state - Math.Clamp(taken - now.Units, 0, cost * _interval);

    public override QuotaStanding Standing(long state, long cost, in QuotaInstant now)
    {
        if (Capacity == 0)
        {
            return new QuotaStanding(0, _window, _window);
        }

        long ahead = Math.Max(state - now.Units, 0);
        long free = Math.Max(_burst - ahead, 0);
        long wait = Math.Max(ahead + (Math.Min(cost, Capacity) * _interval) - _burst, 0);
        return new QuotaStanding(free / _interval, ToTimeSpan(ahead), ToTimeSpan(wait));
    }

    public override double Used(long state, in QuotaInstant now) => _burst == 0 ? 1 : (double)Math.Max(state - now.Units, 0) / _burst;

    private static long Interval(long limit, TimeSpan window) =>
        (long)((((Int128)window.Ticks * QuotaClock.UnitsPerTick) + limit - 1) / limit);

    private static TimeSpan ToTimeSpan(long units) => new((units + QuotaClock.UnitsPerTick - 1) / QuotaClock.UnitsPerTick);
}

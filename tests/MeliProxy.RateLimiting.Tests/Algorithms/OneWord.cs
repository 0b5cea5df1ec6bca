using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

/// <summary>Lets tests of algorithms whose states are one word and do not depend on the key write them as numbers.</summary>
internal static class OneWord
{
    public static long Fresh(this Limit limit, in QuotaInstant now) => limit.Fresh(default, now).Word;

    public static long Exhausted(this Limit limit, in QuotaInstant now) => limit.Exhausted(default, now).Word;

    public static bool TryTake(this Limit limit, long state, long cost, in QuotaInstant now, out long word) =>
        limit.TryTake(new KeyState(state, 0), cost, now, out word);

    public static long Charge(this Limit limit, long state, long cost, in QuotaInstant now) =>
        limit.Charge(new KeyState(state, 0), cost, now);

    public static long Refund(this Limit limit, long state, long taken, long cost, in QuotaInstant now) =>
        limit.Refund(new KeyState(state, 0), taken, cost, now);

    public static QuotaStanding Standing(this Limit limit, long state, long cost, in QuotaInstant now) =>
        limit.Standing(new KeyState(state, 0), cost, now);

    public static double Used(this Limit limit, long state, in QuotaInstant now) => limit.Used(new KeyState(state, 0), now);
}

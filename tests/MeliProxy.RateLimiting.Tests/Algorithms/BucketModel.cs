using System.Numerics;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

/// <summary>A bucket that is filled as time passes, on big integers: what the theoretical arrival time has to amount to.</summary>
internal sealed class BucketModel
{
    private readonly BigInteger _perPermit;
    private readonly BigInteger _full;
    private readonly BigInteger _deepest;
    private BigInteger _level;

    public BucketModel(RateLimitRule rule)
    {
        _perPermit = BigInteger.DivRem(new BigInteger(rule.Window.Ticks) * 3_200, rule.Limit, out BigInteger rest) + (rest.IsZero ? 0 : 1);
        _full = _perPermit * rule.Capacity;
        _level = _full;

        // What a year pays back.
        _deepest = -RateLimitRule.MaxWindow.Ticks * new BigInteger(3_200);
    }

    public BigInteger Remaining => BigInteger.Max(_level, 0) / _perPermit;

    public BigInteger ResetTicks => Ticks(_full - _level);

    public BigInteger RetryTicks(long cost) => Ticks(BigInteger.Max((cost * _perPermit) - _level, 0));

    public void Pass(long units) => _level = BigInteger.Min(_level + units, _full);

    public bool TryTake(long cost)
    {
        bool enough = cost * _perPermit <= _level;
        _level -= enough ? cost * _perPermit : 0;
        return enough;
    }

    /// <summary>Takes permits whether or not they are there. A debt is no deeper than what a year pays back.</summary>
    public void Charge(long permits) => _level = BigInteger.Max(_level - (permits * _perPermit), BigInteger.Min(_deepest, _level));

    private static BigInteger Ticks(BigInteger units) => (units + 3_199) / 3_200;
}

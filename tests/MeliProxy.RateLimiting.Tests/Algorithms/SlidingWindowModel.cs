using System.Numerics;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

/// <summary>A count for each aligned window, on big integers: what the use of a sliding window is estimated from.</summary>
internal sealed class SlidingWindowModel(RateLimitRule rule, BigInteger most)
{
    private readonly Dictionary<BigInteger, BigInteger> _counts = [];
    private readonly BigInteger _window = rule.Window.Ticks / TimeSpan.TicksPerMillisecond;
    private BigInteger _latest;
    private BigInteger _before;

    public BigInteger Remaining(BigInteger unix) => BigInteger.Max(rule.Limit - Used(unix), 0);

    public BigInteger Used(BigInteger unix)
    {
        BigInteger left = BigInteger.Min(BigInteger.Max(((Before(unix) + 2) * _window) - unix, 0), _window);
        BigInteger faded = ((_counts.GetValueOrDefault(Before(unix)) * left) + _window - 1) / _window;
        return _counts.GetValueOrDefault(WindowOf(unix)) + faded;
    }

    public bool TryTake(BigInteger cost, BigInteger unix)
    {
        bool enough = Used(unix) + cost <= rule.Limit;
        if (enough)
        {
            Charge(cost, unix);
        }

        return enough;
    }

    public void Charge(BigInteger cost, BigInteger unix)
    {
        (_before, _latest) = (Before(unix), WindowOf(unix));
        _counts[_latest] = BigInteger.Min(_counts.GetValueOrDefault(_latest) + cost, most);
    }

    /// <summary>Gives back what was taken in a window, if that is still the key's latest one.</summary>
    public void Refund(BigInteger cost, BigInteger window)
    {
        if (_latest == window)
        {
            _counts[window] = BigInteger.Max(_counts[window] - cost, 0);
        }
    }

    /// <summary>The window of a moment, or the key's latest if the clock was set back.</summary>
    public BigInteger WindowOf(BigInteger unix) => BigInteger.Max(_latest, unix / _window);

    public BigInteger ResetAfter(BigInteger unix)
    {
        BigInteger last = _counts.GetValueOrDefault(WindowOf(unix)) > 0 ? WindowOf(unix) : Before(unix);
        return _counts.GetValueOrDefault(last) > 0 ? BigInteger.Max(((last + 2) * _window) - unix, 0) : 0;
    }

    /// <summary>The window before that the key was seen in. If the clock was set back, it may lie within the last window's length again.</summary>
    private BigInteger Before(BigInteger unix) => WindowOf(unix) == _latest ? _before : _latest;
}

using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>Chooses which decisions of one thread are counted by their keys: all while they are few, or else one of n at random.</summary>
/// <remarks>
/// <para>
/// n is a power of two, so large that a thread counts about <see cref="Budget"/> decisions in each <see cref="Period"/>, whatever its rate. One
/// that is counted stands for n. As n depends on the past only, each decision has the chance of 1/n, whatever its key: nothing is counted too
/// high or too low on the average, and no pattern of keys can hide behind the pattern of what is counted.
/// </para>
/// <para>
/// A key that was hit h times then is told with a standard deviation of at most the root of n * h. n is at most about a 5,000th of the thread's
/// decisions in a second.
/// </para>
/// </remarks>
internal sealed class DecisionSampling
{
    /// <summary>How many decisions are counted in a period before n is doubled.</summary>
    internal const int Budget = 256;

    /// <summary>25 ms.</summary>
    internal const long Period = 25 * QuotaClock.UnitsPerMillisecond;

    private const int MaxShift = 10;

    private ulong _random;
    private long _periodEnds;
    private int _shift;
    private int _left = Budget;
    private bool _isOverBudget;

    /// <param name="seed">Another one for each thread.</param>
    public DecisionSampling(int seed) => _random = (ulong)seed * 0x9E3779B97F4A7C15;

    /// <summary>For how many decisions the next one stands; 0 if it is not counted.</summary>
    /// <param name="now">The moment of the decision, in <see cref="QuotaInstant.Units"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(long now)
    {
        if (now >= _periodEnds)
        {
            BeginPeriod(now);
        }

        return _shift == 0 || IsDrawn() ? Count() : 0;
    }

    /// <summary>The high bits of a linear congruential generator (Knuth's MMIX), which are its good ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsDrawn()
    {
        _random = (_random * 6364136223846793005) + 1442695040888963407;
        return _random >> (64 - _shift) == 0;
    }

    private int Count()
    {
        int weight = 1 << _shift;
        if (--_left == 0)
        {
            _left = Budget;
            _isOverBudget = true;
            _shift = Math.Min(_shift + 1, MaxShift);
        }

        return weight;
    }

    private void BeginPeriod(long now)
    {
        // Halved once for each period that had less than half of the budget, those without any decision included.
        long quiet = ((now - _periodEnds) / Period) + (_isOverBudget || _left <= Budget / 2 ? 0 : 1);
        _shift = (int)Math.Max(_shift - quiet, 0);
        _left = Budget;
        _isOverBudget = false;
        _periodEnds = now + Period;
    }
}

using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation;

/// <summary>Compares what was admitted of one key with what its rule gives out, in true time.</summary>
/// <param name="rule">The rule.</param>
/// <param name="drift">By what part an owner's clock may go faster than true time: buckets refill by it.</param>
public sealed class Conformance(RateLimitRule rule, double drift)
{
    private readonly Queue<long> _lastWindow = [];
    private readonly double _perNanosecond = rule.Limit * (1 + drift) / (rule.NominalWindow.TotalSeconds * 1e9);
    private readonly long _window = rule.NominalWindow.Ticks * 100;
    private readonly long _cost = Math.Max(rule.Cost, 1);
    private double _level;
    private long _last;
    private long _aligned;
    private long _inAligned;
    private long _inAlignedBefore;

    /// <summary>Permits admitted.</summary>
    public long Admitted { get; private set; }

    /// <summary>The most permits in any window: aligned for fixed windows, and any of the window's length else.</summary>
    public long MostInWindow { get; private set; }

    /// <summary>
    /// The most that the key used of its quota, counted as the rule counts, which is what a single process never lets exceed 1. Bucket: the burst
    /// that a bucket of the same rate would need to admit the same. Fixed: the count of an aligned window. Sliding: the estimate of two windows.
    /// </summary>
    public double RuleRatio { get; private set; }

    /// <summary>Takes one admission into account.</summary>
    /// <param name="now">The true time.</param>
    /// <param name="wall">The time by which windows are counted.</param>
    public void Admit(long now, long wall)
    {
        Admitted += _cost;
        for (int i = 0; i < _cost; i++)
        {
            _lastWindow.Enqueue(now);
        }

        while (_lastWindow.Peek() <= now - _window)
        {
            _lastWindow.Dequeue();
        }

        if (rule.Algorithm == RateLimitAlgorithm.TokenBucket)
        {
            _level = Math.Max(_level - ((now - _last) * _perNanosecond), 0) + _cost;
            _last = now;
            RuleRatio = Math.Max(RuleRatio, _level / rule.Capacity);
            MostInWindow = Math.Max(MostInWindow, _lastWindow.Count);
            return;
        }

        Count(wall);
        bool isSliding = rule.Algorithm == RateLimitAlgorithm.SlidingWindow;
        double faded = isSliding ? _inAlignedBefore * (1 - (wall % _window / (double)_window)) : 0;
        RuleRatio = Math.Max(RuleRatio, (_inAligned + faded) / rule.Limit);
        MostInWindow = Math.Max(MostInWindow, isSliding ? _lastWindow.Count : _inAligned);
    }

    private void Count(long wall)
    {
        long aligned = wall / _window;
        if (aligned != _aligned)
        {
            _inAlignedBefore = aligned == _aligned + 1 ? _inAligned : 0;
            _inAligned = 0;
            _aligned = aligned;
        }

        _inAligned += _cost;
    }
}

using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation;

/// <summary>Compares what was admitted of one key with what its rule gives out, in true time.</summary>
public sealed class Conformance(RateLimitRule rule)
{
    private readonly Queue<long> _lastWindow = [];
    private readonly double _perNanosecond = rule.Limit / (rule.NominalWindow.TotalSeconds * 1e9);
    private readonly long _window = rule.Algorithm == RateLimitAlgorithm.TokenBucket ? 1_000_000_000 : rule.NominalWindow.Ticks * 100;
    private double _level;
    private long _last;
    private long _aligned;
    private long _inAligned;

    public long Admitted { get; private set; }

    /// <summary>The most in any window: of one second for buckets, aligned for fixed windows, and any of the window's length for sliding ones.</summary>
    public long MostInWindow { get; private set; }

    /// <summary>Buckets: the largest burst that a bucket of the same rate would need to admit the same.</summary>
    public double Burst { get; private set; }

    public void Admit(long now)
    {
        Admitted++;
        _level = Math.Max(_level - ((now - _last) * _perNanosecond), 0) + 1;
        _last = now;
        Burst = Math.Max(Burst, _level);
        if (rule.Algorithm == RateLimitAlgorithm.FixedWindow)
        {
            _inAligned = now / _window == _aligned ? _inAligned + 1 : 1;
            _aligned = now / _window;
            MostInWindow = Math.Max(MostInWindow, _inAligned);
            return;
        }

        _lastWindow.Enqueue(now);
        while (_lastWindow.Peek() <= now - _window)
        {
            _lastWindow.Dequeue();
        }

        MostInWindow = Math.Max(MostInWindow, _lastWindow.Count);
    }
}

using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>What a decision has taken, kept until it is settled. Used again for other decisions afterwards.</summary>
internal sealed class QuotaHold(DecisionEngine engine)
{
    private BoundRule[] _rules = [];
    private PendingTake[] _takes = [];
    private int _count;
    private long _version;

    /// <summary>Grows with each use, so that a decision that has been settled cannot touch the next one's.</summary>
    public long Version => Volatile.Read(ref _version);

    public void Begin(BoundRule[] rules, ReadOnlySpan<PendingTake> takes)
    {
        _rules = rules;
        _count = takes.Length;
        if (_takes.Length < _count)
        {
            _takes = new PendingTake[Math.Max(_count, 4)];
        }

        takes.CopyTo(_takes);
    }

    public void Charge(long version, string charge, long permits)
    {
        for (int i = 0; i < _count && version == Version; i++)
        {
            BoundRule rule = _rules[_takes[i].Rule];
            if (rule.Rule.Charge == charge)
            {
                engine.Charge(rule, ref _takes[i], permits);
            }
        }
    }

    public void Refund(long version)
    {
        for (int i = 0; i < _count && version == Version; i++)
        {
            engine.GiveBack(_rules[_takes[i].Rule], ref _takes[i]);
        }
    }

    /// <summary>Releases the permits of concurrency rules and ends the hold; only the first call for a version does.</summary>
    public void Settle(long version)
    {
        if (Interlocked.CompareExchange(ref _version, version + 1, version) != version)
        {
            return;
        }

        for (int i = 0; i < _count; i++)
        {
            BoundRule rule = _rules[_takes[i].Rule];
            if (rule.Rule.Algorithm == RateLimitAlgorithm.Concurrency)
            {
                engine.GiveBack(rule, ref _takes[i]);
            }
        }

        _count = 0;
        _rules = [];
        engine.Return(this);
    }
}

using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Queueing;

/// <summary>A token bucket or fixed window with queues, said as plainly as can be, for times in whole milliseconds.</summary>
internal sealed class QueueModel(RateLimitRule rule, int maxQueued, DateTimeOffset start)
{
    private readonly Dictionary<string, KeyModel> _keys = [];
    private readonly List<Outcome> _outcomes = [];
    private long _now = start.ToUnixTimeMilliseconds();

    public IReadOnlyList<Outcome> Outcomes => _outcomes;

    public int Waiting => _keys.Values.Sum(key => key.Queue.Count);

    public int WaitingKeys => _keys.Values.Count(key => key.Queue.Count > 0);

    public int Allowed { get; private set; }

    public int Limited { get; private set; }

    public int Delayed { get; private set; }

    public void PassTo(DateTimeOffset now)
    {
        _now = now.ToUnixTimeMilliseconds();
        foreach (KeyModel key in _keys.Values)
        {
            Serve(key);
        }
    }

    public bool Decide(string ip, int permits)
    {
        bool allowed = Key(ip).Queue.Count == 0 && Key(ip).TryTake(permits, _now);
        Allowed += allowed ? 1 : 0;
        Limited += allowed ? 0 : 1;
        return allowed;
    }

    public void Ask(string ip, int permits)
    {
        KeyModel key = Key(ip);
        if (key.Queue.Count == 0 && key.TryTake(permits, _now))
        {
            _outcomes.Add(Outcome.Passed);
            Allowed++;
            return;
        }

        bool waits = Math.Max(permits, 1) <= rule.Limit
            && key.Wait(permits, _now) <= rule.Queue!.MaxWait.TotalMilliseconds
            && key.Queue.Count < rule.Queue.Limit
            && Waiting < maxQueued;
        if (waits)
        {
            key.Queue.Add((_outcomes.Count, permits, _now + (long)rule.Queue!.MaxWait.TotalMilliseconds));
        }

        Limited += waits ? 0 : 1;
        _outcomes.Add(waits ? Outcome.Waits : Outcome.Rejected);
    }

    public void Cancel(int number)
    {
        if (_outcomes[number] == Outcome.Waits)
        {
            _outcomes[number] = Outcome.Cancelled;
            KeyModel key = _keys.Values.Single(k => k.Queue.Exists(w => w.Number == number));
            key.Queue.RemoveAll(w => w.Number == number);
            Serve(key);
        }
    }

    private void Serve(KeyModel key)
    {
        while (key.Queue.Count > 0)
        {
            (int number, int permits, long deadline) = key.Queue[0];
            if (key.TryTake(permits, _now))
            {
                _outcomes[number] = Outcome.Passed;
                Allowed++;
                Delayed++;
            }
            else if (deadline <= _now)
            {
                _outcomes[number] = Outcome.Rejected;
                Limited++;
            }
            else
            {
                return;
            }

            key.Queue.RemoveAt(0);
        }
    }

    private KeyModel Key(string ip)
    {
        if (!_keys.TryGetValue(ip, out KeyModel? key))
        {
            _keys[ip] = key = new KeyModel(rule, _now);
        }

        return key;
    }

    private sealed class KeyModel(RateLimitRule rule, long start)
    {
        private readonly long _window = (long)rule.Window.TotalMilliseconds;
        private readonly bool _isBucket = rule.Algorithm == RateLimitAlgorithm.TokenBucket;

        /// <summary>What is left, in milliseconds that it takes to get it; a window's permits are given out as if each took as long.</summary>
        private long _left = (long)rule.Window.TotalMilliseconds;

        private long _at = start;

        public List<(int Number, int Permits, long Deadline)> Queue { get; } = [];

        private long PerPermit => _window / rule.Limit;

        public bool TryTake(int permits, long now)
        {
            PassTo(now);
            bool allowed = Math.Max(permits, 1) * PerPermit <= _left;
            _left -= allowed ? permits * PerPermit : 0;
            return allowed;
        }

        /// <summary>How long one would wait alone; if there are permits left, as if those who wait had taken them.</summary>
        public long Wait(int permits, long now)
        {
            PassTo(now);
            long needed = Math.Max(permits, 1) * PerPermit;
            return !_isBucket ? _window - (now % _window) : needed <= _left ? needed : needed - _left;
        }

        private void PassTo(long now)
        {
            _left = _isBucket ? Math.Min(_left + now - _at, _window)
                : now / _window > _at / _window ? _window
                : _left;
            _at = now;
        }
    }
}

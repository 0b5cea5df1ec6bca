using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Queueing;

/// <summary>Those who wait for one key of one rule, in order of arrival. Changed under the lock of <see cref="KeyQueues"/> only.</summary>
internal sealed class KeyQueue(KeyHash key)
{
    private volatile Waiter? _first;
    private Waiter? _last;

    public KeyHash Key => key;

    public int Count { get; private set; }

    /// <summary>The first; also read without the lock.</summary>
    public Waiter? First => _first;

    /// <summary>Whether the first is to be tried at once.</summary>
    public bool IsReady { get; set; }

    public void Append(Waiter waiter)
    {
        waiter.Queue = this;
        waiter.Before = _last;
        if (_last is null)
        {
            _first = waiter;
        }
        else
        {
            _last.Behind = waiter;
        }

        _last = waiter;
        Count++;
    }

    public void Remove(Waiter waiter)
    {
        if (waiter.Before is null)
        {
            _first = waiter.Behind;
        }
        else
        {
            waiter.Before.Behind = waiter.Behind;
        }

        if (waiter.Behind is null)
        {
            _last = waiter.Before;
        }
        else
        {
            waiter.Behind.Before = waiter.Before;
        }

        waiter.Queue = null;
        waiter.Before = null;
        waiter.Behind = null;
        Count--;
    }
}

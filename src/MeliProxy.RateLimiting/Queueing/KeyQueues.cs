using System.Collections.Concurrent;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;

namespace MeliProxy.RateLimiting.Queueing;

/// <summary>All that wait, each in the queue of one key of one rule. Only those who wait, or wake one who does, take its lock.</summary>
/// <remarks>
/// <code>
///  arrival ──▶ [ c  b  a ] ──▶ a is tried ─┬─▶ passes, or is rejected for good ──▶ b is tried
///                  ▲               ▲       ├─▶ stays first, due when its permits are expected or at its deadline
///                  │          timer, wake  └─▶ joins the end of another rule's queue
///             cancelled, deadline
/// </code>
/// 1. Trying runs users' code, so it is done outside the lock, and by one thread at a time: the one that found something to do, see
///    <see cref="Run"/>. Whoever finds it at work leaves a note (a ready queue) and goes on. So nobody is tried twice at a time, and a wake
///    that comes while the first is tried makes it be tried again.
/// 2. No wake is lost. One who releases permits sets the key's state by compare-and-set, then looks whether somebody waits. One who begins
///    to wait as the first joins the queue, passes a full fence, and is tried once more. Whichever comes second sees what the other did.
///    With new rules it is the same; there the lock is the fence.
/// 3. One who is being tried is taken out by the thread that tries it. Cancellation or disposal meanwhile only leave a mark, which counts
///    if the try fails; so no resource is read after its caller was answered, and no permits are taken for a caller that has gone.
/// 4. Two who wait for each other's rules cannot hold each other up: one is held up only by those who came before it, see
///    <see cref="IsAnyoneAhead"/>, so of those who are first somewhere the one who came first is held up by nobody.
/// 5. Callers' continuations run on the thread pool, never here.
/// </remarks>
internal sealed class KeyQueues : IThreadPoolWorkItem, IDisposable
{
    private const long Never = long.MaxValue;

    /// <summary>After so many tries a thread that came by for something else hands the rest over to the thread pool.</summary>
    private const int TriesByOneThread = 256;

    /// <summary>After so many moves between queues a waiter is tried only when its time has come.</summary>
    private const int MovesAtOnce = 16;

    private readonly DecisionEngine _engine;
    private readonly int _maxCount;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<KeyHash, KeyQueue> _queues = new();
    private readonly SortedSet<Waiter> _byDue = new(Comparer<Waiter>.Create(
        (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Number.CompareTo(b.Number)));

    private readonly Queue<KeyQueue> _ready = [];
    private volatile int _count;
    private long _arrivals;
    private long _timerDue = Never;
    private bool _isRunning;
    private bool _isDisposed;

    /// <param name="engine">What counts are kept by, and the clock.</param>
    /// <param name="maxCount">How many may wait at a time.</param>
    public KeyQueues(DecisionEngine engine, int maxCount)
    {
        _engine = engine;
        _maxCount = maxCount;
        _timer = engine.Clock.CreateTimer(static queues => ((KeyQueues)queues!).OnTimer(), this);
    }

    /// <summary>How many wait.</summary>
    public int Count => _count;

    /// <summary>How many keys are waited for.</summary>
    public int Keys => _queues.Count;

    /// <summary>Whether others wait for a key who came before.</summary>
    /// <param name="key">The key.</param>
    /// <param name="waiter">One who waits, for this key or another; null for a newcomer.</param>
    public bool IsAnyoneAhead(in KeyHash key, Waiter? waiter) =>
        _queues.TryGetValue(key, out KeyQueue? queue) && queue.First is { } first && (waiter is null || first.Number < waiter.Number);

    /// <summary>Whether one more may wait for a key; no promise.</summary>
    public bool HasRoom(in KeyHash key, int limit) =>
        !_isDisposed && _count < _maxCount && (!_queues.TryGetValue(key, out KeyQueue? queue) || queue.Count < limit);

    /// <summary>Lets a resource wait, or completes it as rejected if there is no room.</summary>
    public void Enqueue(Waiter waiter, CancellationToken cancellationToken)
    {
        waiter.CancellationToken = cancellationToken;

        // Registered first, so that whoever completes it can undo that. One cancelled before it is in is only marked.
        waiter.Registration = cancellationToken.UnsafeRegister(_ => Cancel(waiter), null);
        bool isIn;
        lock (_lock)
        {
            isIn = !waiter.IsCanceled && TryEnter(waiter);
            waiter.IsDone = !isIn;
        }

        if (isIn)
        {
            Run();
        }
        else
        {
            Complete(waiter, waiter.Rejection.Decision, waiter.Rejection);
        }
    }

    /// <summary>Tries the first that waits for a key, if one does; permits came back.</summary>
    public void Wake(in KeyHash key)
    {
        if (_count > 0 && _queues.TryGetValue(key, out KeyQueue? queue))
        {
            lock (_lock)
            {
                MakeReady(queue);
            }

            Run();
        }
    }

    /// <summary>Tries the first of each queue; the rules have changed.</summary>
    public void WakeAll()
    {
        lock (_lock)
        {
            foreach (KeyQueue queue in _queues.Values)
            {
                MakeReady(queue);
            }
        }

        Run();
    }

    /// <summary>Rejects all that wait. Nothing waits any more.</summary>
    public void Dispose()
    {
        List<Waiter> waiters;
        lock (_lock)
        {
            _isDisposed = true;
            waiters = [.. _byDue.Where(w => !w.IsTried)];
            waiters.ForEach(TakeOut);
        }

        waiters.ForEach(w => Complete(w, w.Rejection.Decision, w.Rejection));
        _timer.Dispose();
    }

    void IThreadPoolWorkItem.Execute() => GoOn();

    private void OnTimer()
    {
        lock (_lock)
        {
            _timerDue = Never;
        }

        Run();
    }

    private void Cancel(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.IsDone)
            {
                return;
            }

            waiter.IsCanceled = true;
            if (waiter.IsTried || waiter.Queue is null)
            {
                return;
            }

            TakeOut(waiter);
        }

        Complete(waiter, waiter.Rejection.Decision, waiter.Rejection);
        Run();
    }

    /// <summary>Tries all that are to be tried now and sets the timer for the others, unless another thread is at it, which then does.</summary>
    private void Run()
    {
        lock (_lock)
        {
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        GoOn();
    }

    private void GoOn()
    {
        try
        {
            TryAllReady();
        }
        catch
        {
            // A clock that throws; the next one who comes by goes on.
            lock (_lock)
            {
                _isRunning = false;
            }

            throw;
        }
    }

    private void TryAllReady()
    {
        for (int tries = 0; tries < TriesByOneThread; tries++)
        {
            long now = _engine.Clock.Now().Units;
            Waiter? next;
            long due = Never;
            lock (_lock)
            {
                next = Next(now);
                if (next is not null)
                {
                    next.IsTried = true;
                }
                else
                {
                    due = _byDue.Min?.Due ?? Never;
                    if (due >= _timerDue)
                    {
                        // A timer that is too early finds nothing to do and is set again.
                        _isRunning = false;
                        return;
                    }

                    _timerDue = due;
                }
            }

            if (next is not null)
            {
                Try(next, now);
            }
            else
            {
                // Not under the lock: a clock may call back at once. What it rounds off would make the timer fire too early.
                long milliseconds = Math.Max((due - now + QuotaClock.UnitsPerMillisecond - 1) / QuotaClock.UnitsPerMillisecond, 1);
                _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private Waiter? Next(long now)
    {
        // One who is at the deadline is tried a last time. Those whose time has come go first, as there may always be one who is ready.
        if (_byDue.Min is { } due && due.Due <= now)
        {
            return due;
        }

        while (_ready.TryDequeue(out KeyQueue? queue))
        {
            queue.IsReady = false;
            if (queue.First is { } first)
            {
                return first;
            }
        }

        return null;
    }

    private void Try(Waiter waiter, long now)
    {
        QuotaDecision decision;
        QueueableRejection? rejection;
        try
        {
            decision = waiter.Decide(out rejection);
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                TakeOut(waiter);
            }

            waiter.Registration.Unregister();
            waiter.SetException(e);
            return;
        }

        lock (_lock)
        {
            waiter.IsTried = false;
            if (rejection is not null && waiter.Deadline > now && !waiter.IsCanceled && !_isDisposed && TryStay(waiter, rejection))
            {
                return;
            }

            TakeOut(waiter);
        }

        Complete(waiter, decision, rejection);
    }

    private void Complete(Waiter waiter, in QuotaDecision decision, QueueableRejection? rejection)
    {
        waiter.Registration.Unregister();
        if (decision.IsAllowed)
        {
            _engine.Counts.Add(waiter.Rejection.Rule.Row, RuleOutcome.Delayed);
        }
        else if (waiter.IsCanceled)
        {
            waiter.SetCanceled(waiter.CancellationToken);
            return;
        }
        else if (rejection is not null)
        {
            waiter.Count(rejection);
        }

        waiter.SetResult(decision);
    }

    private bool TryEnter(Waiter waiter)
    {
        QueueableRejection rejection = waiter.Rejection;
        waiter.Number = _arrivals++;
        if (_isDisposed || _count >= _maxCount || !TryJoin(waiter, rejection))
        {
            return false;
        }

        waiter.Deadline = rejection.Now + QuotaClock.Units(rejection.Queue.MaxWait);
        waiter.Due = waiter.Deadline;
        _byDue.Add(waiter);

        // With a full fence, see 2.
        Interlocked.Increment(ref _count);
        return true;
    }

    /// <summary>Whether one who was tried in vain goes on waiting, which may be in another queue.</summary>
    private bool TryStay(Waiter waiter, QueueableRejection rejection)
    {
        if (rejection.Key != waiter.Queue!.Key && !TryJoin(waiter, rejection))
        {
            return false;
        }

        _byDue.Remove(waiter);
        waiter.Due = waiter.Queue.First == waiter ? Math.Min(rejection.RetryAt, waiter.Deadline) : waiter.Deadline;
        waiter.Rejection = rejection;
        _byDue.Add(waiter);
        return true;
    }

    /// <summary>Puts one at the end of the queue that it has to wait in, if there is room, and takes it out of the one it is in.</summary>
    private bool TryJoin(Waiter waiter, QueueableRejection rejection)
    {
        KeyQueue queue = _queues.GetOrAdd(rejection.Key, static key => new KeyQueue(key));
        if (queue.Count >= rejection.Queue.Limit)
        {
            return false;
        }

        if (waiter.Queue is not null)
        {
            Leave(waiter);
        }

        queue.Append(waiter);
        // One whose keys are others at each try would be tried without end.
        if (queue.First == waiter && waiter.Moves++ < MovesAtOnce)
        {
            MakeReady(queue);
        }

        return true;
    }

    private void TakeOut(Waiter waiter)
    {
        Leave(waiter);
        _byDue.Remove(waiter);
        waiter.IsDone = true;
        Interlocked.Decrement(ref _count);
    }

    private void Leave(Waiter waiter)
    {
        KeyQueue queue = waiter.Queue!;
        bool wasFirst = queue.First == waiter;
        queue.Remove(waiter);
        if (queue.First is null)
        {
            _queues.TryRemove(queue.Key, out _);
        }
        else if (wasFirst)
        {
            MakeReady(queue);
        }
    }

    private void MakeReady(KeyQueue queue)
    {
        if (!queue.IsReady)
        {
            queue.IsReady = true;
            _ready.Enqueue(queue);
        }
    }
}

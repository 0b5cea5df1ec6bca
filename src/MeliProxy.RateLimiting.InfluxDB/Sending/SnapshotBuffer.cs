using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB.Sending;

/// <summary>
/// The snapshots that are not stored yet, in order, numbered from 0. One thread at a time takes some for a batch; they stay until they are
/// said to be stored, or until newer ones need their room.
/// </summary>
internal sealed class SnapshotBuffer(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Queue<UsageSnapshot> _snapshots = new();
    private TaskCompletionSource _filled = NewSource();
    private bool _isClosed;
    private long _first;
    private long _batchFirst;
    private long _batchEnd;
    private long _dropped;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _snapshots.Count;
            }
        }
    }

    /// <summary>The number of the oldest.</summary>
    public long First
    {
        get
        {
            lock (_gate)
            {
                return _first;
            }
        }
    }

    /// <summary>How many are lost.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Completes once there are snapshots.</summary>
    public Task WhenFilled
    {
        get
        {
            lock (_gate)
            {
                return _filled.Task;
            }
        }
    }

    /// <summary>Adds one, in place of the oldest if there is no room.</summary>
    /// <returns>Whether there was room.</returns>
    public bool Add(UsageSnapshot snapshot)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                _dropped++;
                return true;
            }

            bool hasRoom = _snapshots.Count < capacity;
            if (!hasRoom)
            {
                _snapshots.Dequeue();

                // What is being sent may yet be stored, so whether it is lost is known when the batch ends.
                if (_first < _batchFirst || _first >= _batchEnd)
                {
                    _dropped++;
                }

                _first++;
            }

            _snapshots.Enqueue(snapshot);
            _filled.TrySetResult();
            return hasRoom;
        }
    }

    /// <summary>Begins a batch of the oldest snapshots, and at least one if there is one.</summary>
    /// <param name="batch">Takes them.</param>
    /// <param name="size">The size of a snapshot.</param>
    /// <param name="room">The most that their sizes may add up to.</param>
    /// <param name="mostSnapshots">The most snapshots.</param>
    /// <param name="skipped">How many of the oldest are left out.</param>
    /// <param name="hasMore">Whether there were more for which it had no room.</param>
    /// <returns>The number of the first in the batch.</returns>
    public long Begin(
        List<UsageSnapshot> batch, Func<UsageSnapshot, int> size, int room, int mostSnapshots, int skipped, out bool hasMore)
    {
        batch.Clear();
        hasMore = false;
        lock (_gate)
        {
            long sum = 0;
            foreach (UsageSnapshot snapshot in _snapshots.Skip(skipped))
            {
                sum += size(snapshot);
                if (batch.Count == mostSnapshots || (batch.Count > 0 && sum > room))
                {
                    hasMore = true;
                    break;
                }

                batch.Add(snapshot);
            }

            _batchFirst = _first + skipped;
            _batchEnd = _batchFirst + batch.Count;
            return _batchFirst;
        }
    }

    /// <summary>Removes what is done with.</summary>
    /// <param name="end">The number of the first that is not.</param>
    /// <param name="lost">How many of them are lost.</param>
    public void Complete(long end, int lost)
    {
        lock (_gate)
        {
            _dropped += lost;
            for (; _first < end; _first++)
            {
                _snapshots.Dequeue();
            }

            _batchFirst = end;
            EmptyIfNone();
        }
    }

    /// <summary>Gives up the oldest, if it is this one.</summary>
    public void DropIfFirst(long number)
    {
        lock (_gate)
        {
            if (_first == number && _snapshots.TryDequeue(out _))
            {
                _first++;
                _dropped++;
                EmptyIfNone();
            }
        }
    }

    /// <summary>Ends a batch; what of it is not completed stays, as far as there is still room.</summary>
    public void End()
    {
        lock (_gate)
        {
            _dropped += Math.Max(0, Math.Min(_first, _batchEnd) - _batchFirst);
            _batchFirst = _batchEnd = 0;
        }
    }

    /// <summary>Gives up what is there and all that comes.</summary>
    /// <returns>How many there were.</returns>
    public int Close()
    {
        lock (_gate)
        {
            int count = _snapshots.Count;
            _isClosed = true;
            _dropped += count;
            _snapshots.Clear();
            return count;
        }
    }

    private void EmptyIfNone()
    {
        if (_snapshots.Count == 0)
        {
            _filled = NewSource();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

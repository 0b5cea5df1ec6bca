using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>Takes a usage snapshot of a limiter each second and hands it to every sink.</summary>
/// <remarks>
/// <para>
/// The first snapshot has all that was counted since the limiter and the recorder of traffic began, and the last one, taken on disposal, what
/// was left: all snapshots together have exactly what was counted, also by rules that were removed meanwhile.
/// </para>
/// <para>
/// A process that was held up does not make up for the snapshots it has missed: the next one covers the longer time. If the wall clock is set
/// back, <see cref="UsageSnapshot.To"/> goes on from where it was. Requests never wait for any of it. A limiter has one reporter at a time.
/// </para>
/// </remarks>
public sealed class UsageReporter : IAsyncDisposable
{
    /// <summary>How long disposal waits for sinks to return from taking the last snapshot.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const int KeysPerRule = 20;
    private const string OwnName = "usage";

    private readonly IUsageSource _source;
    private readonly UsageReporterOptions _options;
    private readonly SinkFeed[] _feeds;
    private readonly UsageTotals _totals = new();
    private readonly SnapshotClock _clock;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private DateTimeOffset _from;
    private DateTimeOffset _topKeysAt;
    private Task? _stopped;
    private bool _hasFailed;

    private UsageReporter(IUsageSource source, UsageReporterOptions options)
    {
        _source = source;
        _options = options;
        _feeds = [.. options.Sinks.Select(sink => new SinkFeed(sink, Tell))];
        DateTimeOffset now = options.TimeProvider.GetUtcNow();
        _clock = new SnapshotClock(now, options.Interval);
        _from = _clock.Last;
        _topKeysAt = NextTopKeys();
        _source.IsTimed = true;
        _timer = options.TimeProvider.CreateTimer(
            static state => ((UsageReporter)state!).Tick(), this, _clock.UntilNext(now), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts to report.</summary>
    /// <typeparam name="TResource">The kind of resource.</typeparam>
    /// <param name="limiter">The limiter. It times a sample of its decisions from now on.</param>
    /// <param name="options">The rest.</param>
    /// <returns>The reporter; dispose of it for a last snapshot.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static UsageReporter Start<TResource>(QuotaLimiter<TResource> limiter, UsageReporterOptions options)
    {
        ArgumentNullException.ThrowIfNull(limiter);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Node, nameof(options.Node));
        ArgumentNullException.ThrowIfNull(options.Sinks, nameof(options.Sinks));
        ArgumentNullException.ThrowIfNull(options.TimeProvider, nameof(options.TimeProvider));
        ThrowIfNotWholeSeconds(options.Interval, nameof(options.Interval));
        ThrowIfNotWholeSeconds(options.TopKeysInterval, nameof(options.TopKeysInterval));
        return new UsageReporter(limiter, options);
    }

    /// <summary>How each sink fares now.</summary>
    public IReadOnlyList<SinkStatus> GetSinkStatus() => [.. _feeds.Select(feed => feed.Status)];

    /// <summary>Hands a last snapshot to every sink, and waits until each has taken it, for 5 seconds at most. Safe to call again.</summary>
    /// <returns>A task that completes when that is done.</returns>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            return new ValueTask(_stopped ??= StopAsync());
        }
    }

    private static void ThrowIfNotWholeSeconds(TimeSpan value, string name)
    {
        if (value < TimeSpan.FromSeconds(1) || value > TimeSpan.FromDays(1) || value.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            throw new ArgumentOutOfRangeException(name, value, "has to be a whole number of seconds, at most a day");
        }
    }

    internal void Tick()
    {
        lock (_lock)
        {
            if (_stopped is not null)
            {
                return;
            }

            try
            {
                if (_clock.TryAdvance(_options.TimeProvider.GetUtcNow()))
                {
                    TakeSnapshot(isLast: false);
                }
            }
            finally
            {
                // Before it is handed over: a sink that hangs must not keep the others from the next.
                _timer.Change(_clock.UntilNext(_options.TimeProvider.GetUtcNow()), Timeout.InfiniteTimeSpan);
            }
        }

        foreach (SinkFeed feed in _feeds)
        {
            feed.Pump();
        }
    }

    private async Task StopAsync()
    {
        _timer.Dispose();
        _clock.End(_options.TimeProvider.GetUtcNow());
        TakeSnapshot(isLast: true);
        _source.IsTimed = false;

        // Sinks are other people's code, so it runs outside the lock, and not one after the other in case one hangs.
        Task[] drained = [.. _feeds.Select(feed => Task.Run(feed.Pump).ContinueWith(
            _ => feed.WhenDrained(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap())];
        try
        {
            await Task.WhenAll(drained).WaitAsync(Patience, _options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            for (int i = 0; i < drained.Length; i++)
            {
                if (!drained[i].IsCompleted)
                {
                    Tell(_feeds[i].Name, e);
                }
            }
        }
    }

    /// <summary>Takes a snapshot up to where the clock is, and lines it up for all sinks.</summary>
    private void TakeSnapshot(bool isLast)
    {
        DateTimeOffset from = _from;
        _from = _clock.Last;
        bool hasTopKeys = isLast || _clock.Last >= _topKeysAt;
        if (hasTopKeys)
        {
            _topKeysAt = NextTopKeys();
        }

        UsageSnapshot snapshot = new()
        {
            Node = _options.Node,
            From = from,
            To = _clock.Last,
            Rules = _totals.Rules(_source.GetTotals(), _source.Rules),
            Routes = _options.Traffic is { } traffic ? _totals.Routes(traffic.GetTotals()) : [],
            TopKeys = hasTopKeys ? _source.GetTopKeys(KeysPerRule) : [],
            State = Complete(State()),
        };
        foreach (SinkFeed feed in _feeds)
        {
            feed.Enqueue(snapshot);
        }
    }

    private NodeUsage State()
    {
        SharingStatus? sharing = _source.GetSharingStatus();
        return new NodeUsage
        {
            ActiveKeys = _source.KeyCount,
            EvictedKeys = _totals.EvictedKeys(_source.EvictedKeys),
            Queued = _source.QueuedCount,
            InFlight = _options.Traffic?.InFlight ?? 0,
            ResidentBytes = Environment.WorkingSet,
            IsSharingConnected = sharing?.IsConnected,
            LeaseLag = sharing?.Lag,
            Sinks = GetSinkStatus(),
        };
    }

    private NodeUsage Complete(NodeUsage state)
    {
        try
        {
            NodeUsage completed = _options.Complete?.Invoke(state) ?? state;
            _hasFailed = false;
            return completed;
        }
        catch (Exception e)
        {
            if (!_hasFailed)
            {
                _hasFailed = true;
                Tell(OwnName, e);
            }

            return state;
        }
    }

    private DateTimeOffset NextTopKeys() => SnapshotClock.Truncate(_clock.Last, _options.TopKeysInterval) + _options.TopKeysInterval;

    private void Tell(string name, Exception exception)
    {
        try
        {
            _options.OnError?.Invoke(name, exception);
        }
        catch (Exception)
        {
            // It is told, not asked.
        }
    }
}

using MeliProxy.RateLimiting.InfluxDB.Points;
using MeliProxy.RateLimiting.InfluxDB.Requests;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB.Sending;

/// <summary>Brings one kind of points to the server, in the order of their snapshots, one request at a time.</summary>
internal sealed partial class SnapshotLane
{
    private readonly InfluxDBSinkOptions _options;
    private readonly ISnapshotPoints _points;
    private readonly WriteEndpoint _endpoint;
    private readonly RetryDelays _delays;
    private readonly SnapshotBuffer _buffer;
    private readonly CancellationToken _stopping;
    private readonly CancellationToken _givingUp;
    private Task _run = Task.CompletedTask;

    // Of batches that failed one after the other: all, and those at which the server said that it failed.
    private int _failures;
    private int _serverFailures;

    // Snapshots before this one are sent one by one, as one of them may be what the server fails at.
    private long _suspectedEnd;

    /// <param name="options">The sink's options.</param>
    /// <param name="capacity">How many snapshots it keeps.</param>
    /// <param name="points">What it writes of them.</param>
    /// <param name="endpoint">Where to.</param>
    /// <param name="delays">When.</param>
    /// <param name="health">Is told how it fares.</param>
    /// <param name="stopping">Lets it send what is left, without trying again, and end.</param>
    /// <param name="givingUp">Ends that.</param>
    public SnapshotLane(
        InfluxDBSinkOptions options,
        int capacity,
        ISnapshotPoints points,
        WriteEndpoint endpoint,
        RetryDelays delays,
        LaneHealth health,
        CancellationToken stopping,
        CancellationToken givingUp)
    {
        _options = options;
        _points = points;
        _endpoint = endpoint;
        _delays = delays;
        _buffer = new SnapshotBuffer(capacity);
        Health = health;
        _stopping = stopping;
        _givingUp = givingUp;
    }

    /// <summary>What is wrong.</summary>
    public LaneHealth Health { get; }

    /// <summary>Snapshots that are not stored yet.</summary>
    public int Queued => _buffer.Count;

    /// <summary>Snapshots that are lost, wholly or in part.</summary>
    public long Dropped => _buffer.Dropped;

    private bool IsSuspecting => _buffer.First < _suspectedEnd;

    public void Start() => _run = Task.Run(RunAsync);

    public void Take(UsageSnapshot snapshot)
    {
        if (!_buffer.Add(snapshot))
        {
            Health.RanOutOfRoom();
        }
    }

    /// <summary>Completes when it has ended, which it was told to.</summary>
    /// <returns>How many snapshots it could not send.</returns>
    public async Task<int> WhenEndedAsync()
    {
        await _run;
        return _buffer.Close();
    }

    private async Task RunAsync()
    {
        try
        {
            await SendAsTheyComeAsync(_stopping);
        }
        catch (OperationCanceledException)
        {
            // Stopping: what is left gets one more chance.
        }

        try
        {
            while (_buffer.Count > 0 && await SendBatchAsync() is null)
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The time for that is up.
        }
    }

    private async Task SendAsTheyComeAsync(CancellationToken stopping)
    {
        TimeProvider time = _options.TimeProvider;
        TimeSpan pause = TimeSpan.Zero;
        long since = time.GetTimestamp();
        bool isNext = true;
        while (true)
        {
            await _buffer.WhenFilled.WaitAsync(stopping);
            TimeSpan rest = pause - time.GetElapsedTime(since);
            await DelayAsync((rest > TimeSpan.Zero ? rest : TimeSpan.Zero) + (isNext ? _delays.Jitter() : TimeSpan.Zero), stopping);
            since = time.GetTimestamp();
            if (await SendBatchAsync() is { } answer)
            {
                since = time.GetTimestamp();
                pause = _delays.After(answer, _failures - 1);
                isNext = false;
            }
            else
            {
                isNext = !_hasMore && !IsSuspecting;
                pause = isNext ? _options.FlushInterval : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Sends a batch, and finds out whether it is to blame where the server fails again and again.</summary>
    /// <returns>Why it has to be tried again; <see langword="null"/> if it is done.</returns>
    private async Task<WriteAnswer?> SendBatchAsync()
    {
        bool isSuspecting = IsSuspecting;
        long first = _buffer.First;
        WriteAnswer? failure = await SendAsync(isSuspecting ? 1 : int.MaxValue, skipped: 0);
        long end = first + _snapshots.Count;
        if (failure is { Outcome: WriteOutcome.Failed } && isSuspecting && _buffer.Count > 1
            && await SendAsync(mostSnapshots: 1, skipped: 1) is null)
        {
            // The next one is taken, so the server is not to blame. It overwrites itself when its turn comes.
            _buffer.DropIfFirst(first);
            Health.PointsRefused(1, failure.Value.Reason);
            failure = null;
        }

        if (failure is { } answer)
        {
            _failures++;
            _serverFailures = answer.Outcome == WriteOutcome.Failed ? _serverFailures + 1 : 0;
            if (_serverFailures > _options.MaxRetries && !isSuspecting)
            {
                _suspectedEnd = end;
            }

            Health.Failed(answer, Dropped);
            return answer;
        }

        _failures = _serverFailures = 0;
        Health.Succeeded(Dropped);
        return null;
    }

    private Task DelayAsync(TimeSpan delay, CancellationToken stopping) =>
        delay > TimeSpan.Zero ? Task.Delay(delay, _options.TimeProvider, stopping) : Task.CompletedTask;
}

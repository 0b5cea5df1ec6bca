using MeliProxy.RateLimiting.InfluxDB.Points;
using MeliProxy.RateLimiting.InfluxDB.Requests;
using MeliProxy.RateLimiting.InfluxDB.Sending;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB;

/// <summary>Writes usage snapshots to InfluxDB 1.x, 2.x or 3.x, or to what takes their line protocol.</summary>
/// <remarks>
/// <code>
///          ┌▶ buffer ─▶ lane of counts  ─┐
/// Take ────┤                             ├─▶ server
///          └▶ buffer ─▶ lane of top keys ┘
/// </code>
/// <para>
/// Counts and top keys are sent in requests of their own, neither of which waits for the other. A snapshot stays in its buffer until the
/// server has stored it. A point has the same series and time whenever it is sent, so one that is sent again, because the answer was lost,
/// overwrites itself: after an outage every snapshot that the buffer could hold is there exactly once.
/// </para>
/// <para>
/// What becomes of a request: stored; not stored and tried again later, after longer and longer delays, for as long as the buffer has room (no
/// answer, 5xx, 429, 503); not stored for a reason that an operator has to remove, tried again after 30 seconds to five minutes and told in
/// <see cref="Status"/> (401, 403, 404, a redirect, which is not followed); refused for single points, which are given up while all others
/// are stored (400); too large, and sent in halves (413).
/// </para>
/// <para>Safe for use by several threads.</para>
/// </remarks>
public sealed class InfluxDBUsageSink : IUsageSink, IAsyncDisposable
{
    /// <summary>The <see cref="IUsageSink.Name"/> of every sink of this kind.</summary>
    internal const string SinkName = "influxdb";

    // One in ten snapshots has top keys.
    private const int SnapshotsPerTopKeys = 10;

    private readonly TimeSpan _disposeTimeout;
    private readonly WriteEndpoint _endpoint;
    private readonly SinkLog _log;
    private readonly SnapshotLane _counts;
    private readonly SnapshotLane _topKeys;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _givingUp;
    private Task? _disposed;

    /// <summary>Creates the sink. The server need not be there yet.</summary>
    /// <param name="options">Where it writes, and how.</param>
    /// <exception cref="ArgumentException">An option is not as its documentation says.</exception>
    public InfluxDBUsageSink(InfluxDBSinkOptions options)
    {
        InfluxDBSinkOptionsValidation.ThrowIfInvalid(options);
        _givingUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, options.TimeProvider);
        _disposeTimeout = options.DisposeTimeout;
        _endpoint = new WriteEndpoint(options);
        _log = new SinkLog(options, _endpoint.Description);
        RetryDelays delays = new(options);
        CommonTags tags = new(options.Tags);
        _counts = NewLane(options.MaxBufferedSnapshots, new CountPoints(tags), speaksAfter: null);
        _topKeys = NewLane(
            Math.Max(options.MaxBufferedSnapshots / SnapshotsPerTopKeys, 1), new TopKeyPoints(tags, options), speaksAfter: _counts.Health);
        _counts.Start();
        _topKeys.Start();

        SnapshotLane NewLane(int capacity, ISnapshotPoints points, LaneHealth? speaksAfter) => new(
            options, capacity, points, _endpoint, delays, new LaneHealth(_log, options, speaksAfter), _stopping.Token, _givingUp.Token);
    }

    /// <inheritdoc/>
    public string Name => SinkName;

    /// <summary>
    /// How it fares. A snapshot of which the server refused a point counts as dropped. Top keys, which the next ones replace, are not counted
    /// here, but what is wrong with them is told.
    /// </summary>
    public SinkStatus Status => new(Name, _counts.Queued, _counts.Dropped, _counts.Health.Problem ?? _topKeys.Health.Problem);

    /// <summary>Points that the server refused for good, since the start.</summary>
    public long RefusedPoints => _counts.RefusedPoints + _topKeys.RefusedPoints;

    /// <inheritdoc/>
    public void Take(UsageSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        _counts.Take(snapshot);
        if (snapshot.TopKeys.Count > 0)
        {
            _topKeys.Take(snapshot);
        }
    }

    /// <summary>
    /// Sends what is left, for at most <see cref="InfluxDBSinkOptions.DisposeTimeout"/> and without trying again; what cannot be sent is lost,
    /// and the log says so.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task disposed;
        lock (_log)
        {
            disposed = _disposed ??= StopAsync();
        }

        await disposed;
    }

    private async Task StopAsync()
    {
        _givingUp.CancelAfter(_disposeTimeout);
        await _stopping.CancelAsync();
        await _topKeys.WhenEndedAsync();
        _log.Lost(await _counts.WhenEndedAsync());
        _stopping.Dispose();
        _givingUp.Dispose();
        _endpoint.Dispose();
    }
}

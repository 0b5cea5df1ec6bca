using MeliProxy.RateLimiting.InfluxDB.Requests;

namespace MeliProxy.RateLimiting.InfluxDB.Sending;

/// <summary>What is wrong with a lane, told once for each change.</summary>
/// <param name="log">Where it is told.</param>
/// <param name="options">The sink's options.</param>
/// <param name="speaksAfter">A lane to the same server; what is wrong with that one too is not told twice.</param>
internal sealed class LaneHealth(SinkLog log, InfluxDBSinkOptions options, LaneHealth? speaksAfter)
{
    private static readonly TimeSpan RefusalInterval = TimeSpan.FromMinutes(1);

    private volatile string? _problem;
    private volatile bool _isFailing;
    private volatile bool _isOutOfRoomTold;
    private bool _isTold;
    private string? _deniedReason;
    private long _droppedBefore;
    private bool _hasRefusals;
    private long _refusals;
    private long? _refusalTold;

    /// <summary>What is wrong now, for people; <see langword="null"/> if nothing is.</summary>
    public string? Problem => _problem;

    /// <summary>A batch has to be tried again.</summary>
    public void Failed(WriteAnswer answer, long dropped)
    {
        bool isDenied = answer.Outcome == WriteOutcome.Denied;
        bool isNews = !_isFailing || (isDenied && answer.Reason != _deniedReason);
        if (!_isFailing)
        {
            _droppedBefore = dropped;
            _isTold = false;
        }

        _isFailing = true;
        _problem = isDenied ? $"refused: {answer.Reason}" : $"cannot be written: {answer.Reason}";
        if (isDenied)
        {
            _deniedReason = answer.Reason;
        }

        if (isNews && speaksAfter?._isFailing != true)
        {
            _isTold = true;
            if (isDenied)
            {
                log.Denied(answer.Reason);
            }
            else
            {
                log.CannotBeWritten(answer.Reason, options.MaxBufferedSnapshots);
            }
        }
    }

    /// <summary>A batch is done.</summary>
    public void Succeeded(long dropped)
    {
        if (_isFailing && _isTold)
        {
            log.IsWrittenAgain(dropped - _droppedBefore);
        }
        else if (!_hasRefusals)
        {
            log.IsWritten();
        }

        _isFailing = false;
        _isOutOfRoomTold = false;
        _deniedReason = null;
        if (!_hasRefusals)
        {
            _problem = null;
        }

        _hasRefusals = false;
    }

    /// <summary>Points are given up, as the server refuses them.</summary>
    public void PointsRefused(int points, string reason)
    {
        _hasRefusals = true;
        _refusals += points;
        _problem = $"points refused: {reason}";
        if (_refusalTold is not { } told || options.TimeProvider.GetElapsedTime(told) >= RefusalInterval)
        {
            log.PointsRefused(_refusals, reason);
            _refusals = 0;
            _refusalTold = options.TimeProvider.GetTimestamp();
        }
    }

    /// <summary>A snapshot took the place of an older one. Called by the thread that brings snapshots.</summary>
    public void RanOutOfRoom()
    {
        if (!_isOutOfRoomTold && speaksAfter is null)
        {
            _isOutOfRoomTold = true;
            log.OutOfRoom(options.MaxBufferedSnapshots);
        }
    }
}

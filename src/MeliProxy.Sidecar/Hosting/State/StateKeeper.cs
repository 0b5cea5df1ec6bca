using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Snapshots;

namespace MeliProxy.Sidecar.Hosting.State;

/// <summary>Writes the state file every few seconds, and at the end. Requests never wait for it.</summary>
internal sealed partial class StateKeeper : IDisposable
{
    /// <summary>With the time that writing takes, less than five seconds of counts are lost at most.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(4);

    /// <summary>Writing may take a twentieth of the time.</summary>
    private const int LeastPauses = 20;

    private readonly StateFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _writing = new();
    private QuotaLimiter<HttpContext>? _limiter;
    private ITimer? _timer;
    private long _written = -1;
    private bool _hasFailed;

    private StateKeeper(StateFile file, TimeProvider time, ILogger logger)
    {
        _file = file;
        _time = time;
        _logger = logger;
    }

    /// <summary>What the limiter has to hash keys by.</summary>
    public ReadOnlyMemory<byte> Secret => _file.Secret;

    /// <summary>Takes the state file; <see langword="null"/>, and a line in the log, if that cannot be.</summary>
    public static StateKeeper? TryOpen(string path, TimeProvider time, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger<StateKeeper>();
        try
        {
            StateFile file = StateFile.Open(path, out string? setAside);
            StateKeeper keeper = new(file, time, logger);
            if (setAside is not null)
            {
                keeper.LogNotAState(file.Path, setAside);
            }

            return keeper;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNoState(logger, path, e.Message);
            return null;
        }
    }

    /// <summary>Gives a limiter its counts back, and begins to keep them.</summary>
    public void Keep(QuotaLimiter<HttpContext> limiter)
    {
        try
        {
            RestoreResult restored = _file.Restore(limiter);
            if (restored.Restored + restored.Dropped > 0)
            {
                LogRestored(restored.Restored, _file.Path);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            LogDamaged(_file.Path, e.Message, _file.SetAside());
        }

        _limiter = limiter;
        _timer = _time.CreateTimer(_ => WriteAndGoOn(), null, Interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Writes for the last time, and lets the file go.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        Write();
        _file.Dispose();
    }

    private void WriteAndGoOn()
    {
        long began = _time.GetTimestamp();
        Write();
        TimeSpan pause = LeastPauses * _time.GetElapsedTime(began);
        _timer?.Change(pause > Interval ? pause : Interval, Timeout.InfiniteTimeSpan);
    }

    private void Write()
    {
        lock (_writing)
        {
            if (_limiter is not { } limiter)
            {
                return;
            }

            long decisions = limiter.GetRuleCounts().Sum(c => c.Allowed + c.Limited + c.ShadowLimited);
            if (decisions == _written)
            {
                return;
            }

            try
            {
                _file.Write(limiter);
                _written = decisions;
                _hasFailed = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!_hasFailed)
                {
                    LogNotWritten(_file.Path, e.Message);
                }

                _hasFailed = true;
            }
        }
    }

    [LoggerMessage(20, LogLevel.Information, "{Keys} keys have their counts back, from {File}")]
    private partial void LogRestored(long keys, string file);

    [LoggerMessage(21, LogLevel.Warning, "Counts of local rules will not survive a restart: {File} cannot be used: {Problem} Set 'state' to another file, or to null")]
    private static partial void LogNoState(ILogger logger, string file, string problem);

    [LoggerMessage(22, LogLevel.Warning, "{File} is no state file of this version; it was moved to {Aside}, and counts begin anew")]
    private partial void LogNotAState(string file, string aside);

    [LoggerMessage(23, LogLevel.Warning, "The state in {File} cannot be used, so counts begin anew: {Problem} It was moved to {Aside}")]
    private partial void LogDamaged(string file, string problem, string aside);

    [LoggerMessage(24, LogLevel.Warning, "The state cannot be written to {File}, so counts would be lost by a restart: {Problem}")]
    private partial void LogNotWritten(string file, string problem);
}

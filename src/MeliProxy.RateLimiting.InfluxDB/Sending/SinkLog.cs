using Microsoft.Extensions.Logging;

namespace MeliProxy.RateLimiting.InfluxDB.Sending;

/// <summary>What an operator is told. No line has secrets or keys in it.</summary>
internal sealed partial class SinkLog(InfluxDBSinkOptions options, string server)
{
    private readonly ILogger _logger = options.Loggers.CreateLogger<InfluxDBUsageSink>();
    private int _isWritten;

    /// <summary>Tells the first time that it works.</summary>
    public void IsWritten()
    {
        if (Interlocked.Exchange(ref _isWritten, 1) == 0)
        {
            LogIsWritten(server);
        }
    }

    public void IsWrittenAgain(long lost)
    {
        Volatile.Write(ref _isWritten, 1);
        LogIsWrittenAgain(server, lost);
    }

    public void CannotBeWritten(string reason, int room) => LogCannotBeWritten(server, reason, room);

    public void Denied(string reason) => LogDenied(server, reason);

    public void PointsRefused(long points, string reason) => LogPointsRefused(server, points, reason);

    public void OutOfRoom(int room) => LogOutOfRoom(server, room);

    /// <summary>Tells what is lost with the process.</summary>
    public void Lost(int snapshots)
    {
        if (snapshots > 0)
        {
            LogLost(server, snapshots);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Usage is written to InfluxDB at {Server}")]
    private partial void LogIsWritten(string server);

    [LoggerMessage(2, LogLevel.Warning,
        "Usage cannot be written to InfluxDB at {Server} ({Reason}); up to {Room} snapshots are kept until it can, trying again")]
    private partial void LogCannotBeWritten(string server, string reason, int room);

    [LoggerMessage(3, LogLevel.Information, "Usage is written to InfluxDB at {Server} again; snapshots lost meanwhile: {Lost}")]
    private partial void LogIsWrittenAgain(string server, long lost);

    [LoggerMessage(4, LogLevel.Error,
        "InfluxDB at {Server} refuses usage ({Reason}). What there is room for is kept, and it is tried again, at least every five minutes")]
    private partial void LogDenied(string server, string reason);

    [LoggerMessage(5, LogLevel.Warning, "InfluxDB at {Server} refused points of usage, which are given up: {Points} ({Reason})")]
    private partial void LogPointsRefused(string server, long points, string reason);

    [LoggerMessage(6, LogLevel.Warning, "The room for {Room} snapshots of usage that wait for InfluxDB at {Server} is full, so the oldest are dropped")]
    private partial void LogOutOfRoom(string server, int room);

    [LoggerMessage(7, LogLevel.Warning, "Snapshots of usage that InfluxDB at {Server} had not stored when the process ended: {Snapshots}; they are lost")]
    private partial void LogLost(string server, int snapshots);
}

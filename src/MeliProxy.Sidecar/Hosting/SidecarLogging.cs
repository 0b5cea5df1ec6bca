using MeliProxy.Sidecar.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>Logs to standard output, one line or one JSON object an event, with times in UTC.</summary>
internal static class SidecarLogging
{
    public static ILoggerFactory Create(Func<LoggingConfiguration> configuration) => LoggerFactory.Create(builder =>
    {
        if (configuration().Format == LogFormat.Json)
        {
            builder.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = LineFormatter.TimestampFormat;
            });
        }
        else
        {
            builder.Services.AddSingleton<ConsoleFormatter, LineFormatter>();
            builder.AddConsole(options => options.FormatterName = LineFormatter.FormatterName);
        }

        // A reader that has stopped reading costs lines, never a request.
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);

        // The level is asked for each time, so it can change while running.
        builder.SetMinimumLevel(LogLevel.Trace);
        builder.AddFilter((category, level) => level >= Threshold(category, configuration().Level));
    });

    /// <summary>
    /// The framework's own events are for those who look for something, so they show two levels later. What matters of them to operators,
    /// such as an upstream that fails or a port in use, this program says itself.
    /// </summary>
    private static LogLevel Threshold(string? category, LogLevel level)
    {
        if (level == LogLevel.None || category is null || category.StartsWith("MeliProxy.", StringComparison.Ordinal))
        {
            return level;
        }

        // As long as anything of it is wanted, the server gives each request an activity and a scope of log lines.
        if (category == "Microsoft.AspNetCore.Hosting.Diagnostics" && level > LogLevel.Trace)
        {
            return LogLevel.None;
        }

        // What clients do wrong or break off is no trouble of this program's, and they could fill the log with it.
        bool isOfClients = category.StartsWith("Microsoft.AspNetCore.Server.Kestrel.", StringComparison.Ordinal) && level > LogLevel.Debug;
        return isOfClients || category.StartsWith("Microsoft.Extensions.Hosting", StringComparison.Ordinal)
            ? LogLevel.None
            : (LogLevel)Math.Min((int)level + 2, (int)LogLevel.Critical);
    }
}

using MeliProxy.Sidecar.Commands;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>A sidecar that is a whole process: it logs, follows its configuration file, and ends when it is told to.</summary>
internal static partial class SidecarProcess
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(30);

    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    /// <param name="sources">Where the configuration comes from.</param>
    /// <param name="adapt">Changes each configuration that is loaded before it is used.</param>
    /// <param name="started">Called once requests are taken.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        ConfigurationSources sources,
        Func<SidecarConfiguration, SidecarConfiguration>? adapt = null,
        Action<Sidecar>? started = null)
    {
        ConfigurationResult loaded = await LoadAsync();
        if (loaded.Configuration is not { } configuration)
        {
            ConfigurationInput.PrintErrors(loaded.Errors, "nothing was started");
            return 1;
        }

        if (File.Exists(sources.FullPath))
        {
            // From now on the file has to be there: what it says must not give way to the defaults because it was removed.
            sources = sources with { File = sources.FileName };
        }

        LoggingConfiguration logging = configuration.Logging;
        using ILoggerFactory loggers = SidecarLogging.Create(() => logging);
        using StopSignal stop = new();
        try
        {
            await using Sidecar sidecar = await Sidecar.StartAsync(configuration, loggers, TimeProvider.System, stop.Token);
            using ConfigurationWatcher? watcher = sources.FullPath is not { } file ? null : new(
                file,
                LoadAsync,
                changed =>
                {
                    logging = changed.Logging;
                    return sidecar.ApplyAsync(changed);
                },
                TimeProvider.System,
                loggers.CreateLogger<ConfigurationWatcher>());
            LogStart(sidecar, loaded.Warnings, logging);
            using ITimer memory = StartupMemory.GiveBackSoon(TimeProvider.System);
            started?.Invoke(sidecar);
            await stop.WaitAsync();
            using CancellationTokenSource drain = new(DrainTime, TimeProvider.System);
            await sidecar.StopAsync(drain.Token);
            return 0;
        }
        catch (ListenException e)
        {
            await Console.Error.WriteLineAsync($"meliproxy: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return 0;
        }

        async Task<ConfigurationResult> LoadAsync()
        {
            ConfigurationResult result = await ConfigurationInput.LoadAsync(sources);
            return result.Configuration is { } good && adapt is not null ? result with { Configuration = adapt(good) } : result;
        }
    }

    /// <summary>Logging is queued; with a queue of its own, these lines are out before anything that follows.</summary>
    private static void LogStart(Sidecar sidecar, IReadOnlyList<ConfigurationError> warnings, LoggingConfiguration logging)
    {
        using ILoggerFactory loggers = SidecarLogging.Create(() => logging);
        ILogger logger = loggers.CreateLogger<Sidecar>();
        sidecar.LogStarted(logger);
        foreach (ConfigurationError warning in warnings)
        {
            LogWarning(logger, warning.ToString());
        }
    }

    [LoggerMessage(5, LogLevel.Warning, "{Note}")]
    private static partial void LogWarning(ILogger logger, string note);
}

using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>Reads the configuration file again when it changes. A bad file changes nothing and is reported.</summary>
/// <remarks>
/// Looks at the file's time and length once a second rather than asking to be told: that works the same on every file system and for
/// every way of replacing a file, such as an editor's rename or an orchestrator's symbolic links.
/// </remarks>
internal sealed partial class ConfigurationWatcher : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _file;
    private readonly Func<Task<ConfigurationResult>> _load;
    private readonly Func<SidecarConfiguration, Task> _apply;
    private readonly ILogger<ConfigurationWatcher> _logger;
    private readonly ITimer _timer;
    private int _looking;
    private (DateTime, long) _seen;

    public ConfigurationWatcher(
        string file,
        Func<Task<ConfigurationResult>> load,
        Func<SidecarConfiguration, Task> apply,
        TimeProvider time,
        ILogger<ConfigurationWatcher> logger)
    {
        _file = file;
        _load = load;
        _apply = apply;
        _logger = logger;
        _seen = Stamp();
        _timer = time.CreateTimer(_ => _ = LookAsync(), null, Interval, Interval);
    }

    public void Dispose() => _timer.Dispose();

    private async Task LookAsync()
    {
        // A look that takes longer than the interval is not overtaken by the next one.
        if (Interlocked.Exchange(ref _looking, 1) != 0)
        {
            return;
        }

        try
        {
            (DateTime, long) stamp = Stamp();
            if (stamp != _seen)
            {
                _seen = stamp;
                await TakeAsync(await _load());
            }
        }
        catch (Exception e)
        {
            LogFailed(e, _file);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private async Task TakeAsync(ConfigurationResult result)
    {
        foreach (ConfigurationError error in result.Errors)
        {
            LogBad(error.ToString());
        }

        if (result.Configuration is not { } configuration)
        {
            LogKept(_file);
            return;
        }

        foreach (ConfigurationError warning in result.Warnings)
        {
            LogWarned(warning.ToString());
        }

        await _apply(configuration);
    }

    private (DateTime, long) Stamp()
    {
        FileInfo file = new(_file);
        try
        {
            FileInfo target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Exists ? (target.LastWriteTimeUtc, target.Length) : default;
        }
        catch (IOException)
        {
            return default;
        }
    }

    [LoggerMessage(10, LogLevel.Error, "{Problem}")]
    private partial void LogBad(string problem);

    [LoggerMessage(11, LogLevel.Error, "{File} is not used because of the errors above; what was in force stays so")]
    private partial void LogKept(string file);

    [LoggerMessage(13, LogLevel.Error, "{File} could not be put in force")]
    private partial void LogFailed(Exception exception, string file);

    [LoggerMessage(12, LogLevel.Warning, "{Note}")]
    private partial void LogWarned(string note);
}

using MeliProxy.LoadBench.Proxies;
using MeliProxy.SharingBench.Load;

namespace MeliProxy.LoadBench.Load;

/// <summary>
/// Requests that come at random moments, as many a second as half of what the slower of nginx and HAProxy can do: the same for all.
/// </summary>
public sealed class FixedRateLoad(string path, int calibrationSeconds) : ILoad
{
    private static readonly string[] Yardsticks = ["nginx", "haproxy"];

    private readonly WrkLoad _calibration = new(path);

    /// <summary>Requests per second.</summary>
    public double Rate { get; private set; }

    public async Task PrepareAsync(IReadOnlyList<RunningProxy> proxies)
    {
        RunningProxy[] yardsticks = [.. proxies.Where(proxy => Yardsticks.Contains(proxy.Kind.Name))];
        Rate = double.PositiveInfinity;
        foreach (RunningProxy proxy in yardsticks.Length > 0 ? yardsticks : proxies)
        {
            await _calibration.RunAsync(proxy, 1);
            LoadResult result = await _calibration.RunAsync(proxy, calibrationSeconds);
            Rate = Math.Min(Rate, Math.Floor(result.Answers / result.Duration.TotalSeconds / 2));
        }
    }

    public async Task<LoadResult> RunAsync(RunningProxy proxy, int seconds)
    {
        Arrivals arrivals = new(Rate, TimeSpan.FromSeconds(seconds));
        using PacedConnections connections = new(proxy.Http, path);
        return await Task.Factory.StartNew(
            () => connections.Run([.. arrivals.For(1).Select(arrival => arrival.After)]), default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}

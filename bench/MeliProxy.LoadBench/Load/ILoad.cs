using MeliProxy.LoadBench.Proxies;

namespace MeliProxy.LoadBench.Load;

/// <summary>A load on one proxy at a time.</summary>
public interface ILoad
{
    /// <summary>Called once before the first turn, with all that will have the load.</summary>
    Task PrepareAsync(IReadOnlyList<RunningProxy> proxies) => Task.CompletedTask;

    Task<LoadResult> RunAsync(RunningProxy proxy, int seconds);
}

using MeliProxy.LoadBench.Load;
using MeliProxy.LoadBench.Processes;
using MeliProxy.LoadBench.Proxies;

namespace MeliProxy.LoadBench.Scenarios;

/// <summary>What a proxy did when it was its turn.</summary>
/// <param name="Result">What the load got.</param>
/// <param name="Cpu">Processor time of the proxy for an answer in µs.</param>
/// <param name="PeakMemory">The most megabytes it had resident.</param>
/// <param name="ProxyCore">The share of its core that it used.</param>
/// <param name="LoadCore">The share of the other core that was used, by whomever.</param>
public sealed record Turn(LoadResult Result, double Cpu, double PeakMemory, double ProxyCore, double LoadCore)
{
    private const int WarmUpSeconds = 1;

    public double Rate => Result.Answers / Result.Duration.TotalSeconds;

    /// <summary>Warms up and measures.</summary>
    public static async Task<Turn> RunAsync(ILoad load, RunningProxy proxy, int seconds)
    {
        await load.RunAsync(proxy, WarmUpSeconds);
        proxy.Process.ResetPeakMemory();
        (long idle, long all) = Cores.ReadLoadCore();
        TimeSpan before = proxy.Process.ProcessorTime;
        LoadResult result = await load.RunAsync(proxy, seconds);
        TimeSpan spent = proxy.Process.ProcessorTime - before;
        (long idleAfter, long allAfter) = Cores.ReadLoadCore();
        return new Turn(
            result,
            spent.TotalMicroseconds / result.Answers,
            proxy.Process.PeakMemory,
            spent / result.Duration,
            1 - ((double)(idleAfter - idle) / (allAfter - all)));
    }

    /// <summary>What is wrong with it; <see langword="null"/> if nothing is.</summary>
    public string? FindError(bool isToReject)
    {
        // The limits of the scenario that rejects give out a permit a minute at most.
        const long strayPermits = 3;
        bool statusIsWrong = isToReject ? Result.Answers - Result.Rejected > strayPermits : Result.Rejected > 0;
        return Result.Answers == 0 || statusIsWrong || Result.Failures > 0
            ? $"{Result.Answers} answers, {Result.Rejected} of them with a status other than 2xx, {Result.Failures} requests or connections failed"
            : null;
    }
}

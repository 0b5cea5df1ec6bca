using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using MeliProxy.RateLimiting;

namespace MeliProxy.Benchmarks;

/// <summary>One hot key, decided about by one thread and by two at once: the time until each has made its decisions, for one of them.</summary>
[HideColumns(Column.Error, Column.StdDev, Column.RatioSD)]
public class HotKeyBenchmarks
{
    private const int Decisions = 1_000_000;
    private readonly ApiCall _call = new("203.0.113.7", "/items/MLA1", "app-1");
    private readonly QuotaLimiter<ApiCall> _limiter = Limiters.Quota(1);

    [Benchmark(Baseline = true, OperationsPerInvoke = Decisions)]
    public long OneThread() => Run();

    [Benchmark(OperationsPerInvoke = Decisions)]
    public long TwoThreads()
    {
        long other = 0;
        Thread thread = new(() => other = Run());
        thread.Start();
        long mine = Run();
        thread.Join();
        return mine + other;
    }

    private long Run()
    {
        long allowed = 0;
        for (int i = 0; i < Decisions; i++)
        {
            allowed += _limiter.Decide(_call).IsAllowed ? 1 : 0;
        }

        return allowed;
    }
}

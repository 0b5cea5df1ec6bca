using System.Threading.RateLimiting;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using MeliProxy.RateLimiting;

namespace MeliProxy.Benchmarks;

/// <summary>One decision, by number of rules and of keys, beside System.Threading.RateLimiting.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
[HideColumns(Column.Error, Column.StdDev, Column.RatioSD)]
public class DecisionBenchmarks
{
    private ApiCall[] _calls = [];
    private QuotaLimiter<ApiCall>? _quota;
    private FrameworkLimiter? _framework;
    private int _next;

    [Params(1, 3)]
    public int Rules { get; set; }

    [Params(1, 100_000)]
    public int Keys { get; set; }

    // Each has its process to itself: the framework's limiters are at work as long as they live.
    [GlobalSetup(Target = nameof(MeliProxy))]
    public void SetUpMeliProxy()
    {
        _calls = ApiCall.CreateMany(Keys);
        _quota = Limiters.Quota(Rules);
        foreach (ApiCall call in _calls)
        {
            _quota.Decide(call);
        }
    }

    [GlobalSetup(Target = nameof(Framework))]
    public void SetUpFramework()
    {
        _calls = ApiCall.CreateMany(Keys);
        _framework = Limiters.Framework(Rules);
        foreach (ApiCall call in _calls)
        {
            _framework.AttemptAcquire(call).Dispose();
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _quota?.Dispose();
        _framework?.Dispose();
    }

    [Benchmark]
    public bool MeliProxy() => _quota!.Decide(Next()).IsAllowed;

    [Benchmark(Baseline = true)]
    public bool Framework()
    {
        using RateLimitLease lease = _framework!.AttemptAcquire(Next());
        return lease.IsAcquired;
    }

    private ApiCall Next() => _calls[_next = _next + 1 < _calls.Length ? _next + 1 : 0];
}

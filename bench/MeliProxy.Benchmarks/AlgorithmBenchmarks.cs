using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Benchmarks;

/// <summary>One decision about a hot key, by what its rule does.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
[HideColumns(Column.Error, Column.StdDev)]
public class AlgorithmBenchmarks
{
    private static readonly ApiCall Call = new("203.0.113.7", "/items/MLA1", "app-1");
    private static readonly RateLimitRule Bucket = Rule(RateLimitAlgorithm.TokenBucket);

    private readonly QuotaLimiter<ApiCall> _tokenBucket = Limiter(Bucket);
    private readonly QuotaLimiter<ApiCall> _fixedWindow = Limiter(Rule(RateLimitAlgorithm.FixedWindow));
    private readonly QuotaLimiter<ApiCall> _calendarDay =
        Limiter(Rule(RateLimitAlgorithm.FixedWindow) with { Window = default, Calendar = CalendarPeriod.Day, TimeZone = "America/Sao_Paulo" });

    private readonly QuotaLimiter<ApiCall> _slidingWindow = Limiter(Rule(RateLimitAlgorithm.SlidingWindow));
    private readonly QuotaLimiter<ApiCall> _concurrency =
        Limiter(Rule(RateLimitAlgorithm.Concurrency) with { Window = default, Limit = 1_000 });

    private readonly QuotaLimiter<ApiCall> _charged = Limiter(Bucket with { Charge = "bytes" });
    private readonly QuotaLimiter<ApiCall> _queued = Limiter(Bucket with { Queue = new RuleQueue { Limit = 10, MaxWait = TimeSpan.FromSeconds(1) } });
    private readonly QuotaLimiter<ApiCall> _listed = Limiter(Bucket with { Allow = ["client=10.0.0.0/8"], Deny = ["client=192.0.2.0/24"] });
    private readonly QuotaLimiter<ApiCall> _overridden =
        Limiter(Bucket, new RuleOverride { Rule = Bucket.Name, Key = ["203.0.113.7"], Limit = 2_000_000_000 });

    private readonly QuotaLimiter<ApiCall> _rejecting = Limiter(Bucket with { Limit = 1 });

    [GlobalSetup(Target = nameof(Rejection))]
    public void UseUp() => _rejecting.Decide(Call);

    [Benchmark(Baseline = true)]
    public bool TokenBucket() => _tokenBucket.Decide(Call).IsAllowed;

    [Benchmark]
    public bool FixedWindow() => _fixedWindow.Decide(Call).IsAllowed;

    [Benchmark]
    public bool CalendarDay() => _calendarDay.Decide(Call).IsAllowed;

    [Benchmark]
    public bool SlidingWindow() => _slidingWindow.Decide(Call).IsAllowed;

    [Benchmark]
    public bool ConcurrencyTakenAndReleased()
    {
        using QuotaDecision decision = _concurrency.Decide(Call);
        return decision.IsAllowed;
    }

    [Benchmark]
    public bool ChargedAfterwards()
    {
        using QuotaDecision decision = _charged.Decide(Call);
        decision.Charge("bytes", 1);
        return decision.IsAllowed;
    }

    [Benchmark]
    public bool WithQueueThatNobodyWaitsIn()
    {
        ValueTask<QuotaDecision> decision = _queued.DecideAsync(Call);
        return decision.IsCompletedSuccessfully && decision.Result.IsAllowed;
    }

    [Benchmark]
    public bool WithListsOfNetworks() => _listed.Decide(Call).IsAllowed;

    [Benchmark]
    public bool WithOverride() => _overridden.Decide(Call).IsAllowed;

    [Benchmark]
    public bool Rejection() => _rejecting.Decide(Call).IsAllowed;

    [Benchmark]
    public long RejectionWithItsFigures()
    {
        QuotaDecision decision = _rejecting.Decide(Call);
        return decision.Standing.RetryAfter.Ticks;
    }

    private static RateLimitRule Rule(RateLimitAlgorithm algorithm) =>
        new() { Name = "rule", Key = ["client"], Algorithm = algorithm, Limit = 1_000_000_000, Window = TimeSpan.FromDays(1) };

    private static QuotaLimiter<ApiCall> Limiter(RateLimitRule rule, params RuleOverride[] overrides)
    {
        QuotaLimiterOptions<ApiCall> options = new() { Rules = [rule], Overrides = overrides, MaxKeys = 1_000 };
        options.KeySources.Add("client", call => call.Client);
        return new QuotaLimiter<ApiCall>(options);
    }
}

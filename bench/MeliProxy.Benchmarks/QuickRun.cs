using System.Diagnostics;
using System.Globalization;
using System.Threading.RateLimiting;
using MeliProxy.RateLimiting;

namespace MeliProxy.Benchmarks;

/// <summary>The main figures in less than a minute: one <c>name value</c> a line, each the median of interleaved rounds.</summary>
/// <remarks>
/// Each round has limiters of its own, so that nothing else is at work while one is measured: the framework's walk over all their keys ten
/// times a second as long as they live.
/// </remarks>
public static class QuickRun
{
    private const int Rounds = 9;
    private const int Keys = 100_000;
    private const int HotCalls = 1_000_000;

    public static void Run()
    {
        ApiCall[] one = ApiCall.CreateMany(1);
        ApiCall[] many = ApiCall.CreateMany(Keys);
        (string Name, Func<double> Measure)[] figures =
        [
            ("clock.ns", () => Time(ReadClock, HotCalls)),
            ("decision.1rule.ns", () => TimeQuota(1, one, HotCalls)),
            ("decision.3rules.ns", () => TimeQuota(3, many, 2 * Keys)),
            ("bcl.1rule.ns", () => TimeFramework(1, one, HotCalls)),
            ("bcl.3rules.ns", () => TimeFramework(3, many, 2 * Keys)),
        ];
        double[][] times = [.. figures.Select(_ => new double[Rounds])];
        for (int round = -2; round < Rounds; round++)
        {
            for (int i = 0; i < figures.Length; i++)
            {
                double nanoseconds = figures[i].Measure();
                if (round >= 0)
                {
                    times[i][round] = nanoseconds;
                }
            }
        }

        for (int i = 0; i < figures.Length; i++)
        {
            Array.Sort(times[i]);
            Print(figures[i].Name, times[i][Rounds / 2]);
        }

        Print("decision.alloc_bytes", AllocatedBytes(many));
        Print("table.bytes_per_key", BytesPerKey());
    }

    private static double TimeQuota(int rules, ApiCall[] keys, int calls)
    {
        using QuotaLimiter<ApiCall> limiter = Limiters.Quota(rules);
        Decide(limiter, keys, keys.Length);
        return Time(n => Decide(limiter, keys, n), calls);
    }

    private static double TimeFramework(int rules, ApiCall[] keys, int calls)
    {
        using FrameworkLimiter limiter = Limiters.Framework(rules);
        Acquire(limiter, keys, keys.Length);
        return Time(n => Acquire(limiter, keys, n), calls);
    }

    /// <summary>Nanoseconds a call, with a heap that the rounds before have left nothing in.</summary>
    private static double Time(Func<int, long> work, int calls)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long start = Stopwatch.GetTimestamp();
        work(calls);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
    }

    private static long ReadClock(int calls)
    {
        long sum = 0;
        for (int i = 0; i < calls; i++)
        {
            sum += TimeProvider.System.GetTimestamp();
        }

        return sum;
    }

    private static long Decide(QuotaLimiter<ApiCall> limiter, ApiCall[] keys, int calls)
    {
        long allowed = 0;
        for (int i = 0, next = 0; i < calls; i++, next = next + 1 < keys.Length ? next + 1 : 0)
        {
            allowed += limiter.Decide(keys[next]).IsAllowed ? 1 : 0;
        }

        return allowed;
    }

    private static long Acquire(FrameworkLimiter limiter, ApiCall[] keys, int calls)
    {
        long allowed = 0;
        for (int i = 0, next = 0; i < calls; i++, next = next + 1 < keys.Length ? next + 1 : 0)
        {
            using RateLimitLease lease = limiter.AttemptAcquire(keys[next]);
            allowed += lease.IsAcquired ? 1 : 0;
        }

        return allowed;
    }

    /// <summary>The bytes of a whole number of passes, of which the clock's own reading once a second is not a part.</summary>
    private static double AllocatedBytes(ApiCall[] keys)
    {
        using QuotaLimiter<ApiCall> limiter = Limiters.Quota(3);
        Decide(limiter, keys, keys.Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Decide(limiter, keys, keys.Length);
        return Math.Floor((GC.GetAllocatedBytesForCurrentThread() - before) / (double)keys.Length);
    }

    /// <summary>
    /// All that a limiter with a cap of a million keys allocates until it holds them. With one permit a day, none of them becomes idle.
    /// </summary>
    private static double BytesPerKey()
    {
        const int Million = 1_000_000;
        ApiCall[] calls = [.. Enumerable.Range(0, Million).Select(i => new ApiCall(i.ToString(CultureInfo.InvariantCulture), "", ""))];
        long before = GC.GetAllocatedBytesForCurrentThread();
        using QuotaLimiter<ApiCall> limiter = Limiters.Quota(1, limit: 1);
        foreach (ApiCall call in calls)
        {
            limiter.Decide(call);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)limiter.KeyCount;
    }

    private static void Print(string name, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.##}"));
}

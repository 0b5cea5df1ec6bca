using System.Diagnostics;
using System.Globalization;
using System.Threading.RateLimiting;
using MeliProxy.RateLimiting;

namespace MeliProxy.Benchmarks;

/// <summary>The main figures in less than a minute: one <c>name value</c> a line, each the median of interleaved rounds.</summary>
public static class QuickRun
{
    private const int Rounds = 9;
    private const int Keys = 100_000;

    public static void Run()
    {
        ApiCall[] one = ApiCall.CreateMany(1);
        ApiCall[] many = ApiCall.CreateMany(Keys);
        using QuotaLimiter<ApiCall> quota1 = Limiters.Quota(1);
        using QuotaLimiter<ApiCall> quota3 = Limiters.Quota(3);
        using PartitionedRateLimiter<ApiCall> framework1 = Limiters.Framework(1);
        using PartitionedRateLimiter<ApiCall> framework3 = Limiters.Framework(3);

        (string Name, Func<int, long> Work, int Calls)[] figures =
        [
            ("clock.ns", ReadClock, 1_000_000),
            ("decision.1rule.ns", calls => Decide(quota1, one, calls), 1_000_000),
            ("decision.3rules.ns", calls => Decide(quota3, many, calls), 2 * Keys),
            ("bcl.1rule.ns", calls => Acquire(framework1, one, calls), 1_000_000),
            ("bcl.3rules.ns", calls => Acquire(framework3, many, calls), 2 * Keys),
        ];
        double[][] times = [.. figures.Select(_ => new double[Rounds])];
        for (int round = -2; round < Rounds; round++)
        {
            for (int i = 0; i < figures.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                figures[i].Work(figures[i].Calls);
                double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / figures[i].Calls;
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

        Print("decision.alloc_bytes", AllocatedBytes(quota3, many));
        Print("table.bytes_per_key", BytesPerKey());
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

    private static long Acquire(PartitionedRateLimiter<ApiCall> limiter, ApiCall[] keys, int calls)
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
    private static double AllocatedBytes(QuotaLimiter<ApiCall> limiter, ApiCall[] keys)
    {
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
        long before = GC.GetTotalAllocatedBytes(precise: true);
        using QuotaLimiter<ApiCall> limiter = Limiters.Quota(1, limit: 1);
        foreach (ApiCall call in calls)
        {
            limiter.Decide(call);
        }

        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)limiter.KeyCount;
    }

    private static void Print(string name, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.##}"));
}

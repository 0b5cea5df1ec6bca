using System.Globalization;
using MeliProxy.RateLimiting;

namespace MeliProxy.Benchmarks;

/// <summary>
/// Ten million distinct keys against a cap of one million, with one key that is over its limit asked for in between: what memory that takes,
/// which is to be at most <see cref="QuotaLimiterOptions{TResource}.MaxKeys"/> times 60 bytes, and whether the limited key ever passes.
/// </summary>
public static class CapRun
{
    private const int Keys = 10_000_000;
    private const int AskEvery = 1_000;

    public static void Run()
    {
        long before = ManagedBytes();
        using QuotaLimiter<ApiCall> limiter = Limiters.Quota(1, limit: 1);
        ApiCall limited = new("limited", "", "");
        limiter.Decide(limited);
        long passed = 0;
        long asked = 0;
        for (int i = 0; i < Keys; i++)
        {
            limiter.Decide(new ApiCall(i.ToString(CultureInfo.InvariantCulture), "", ""));
            if (i % AskEvery == 0)
            {
                asked++;
                passed += limiter.Decide(limited).IsAllowed ? 1 : 0;
            }
        }

        Print("cap.keys_sprayed", Keys);
        Print("cap.keys_held", limiter.KeyCount);
        Print("cap.keys_refused", limiter.RefusedKeys);
        Print("cap.limited_asked", asked);
        Print("cap.limited_passed", passed);
        Print("cap.limiter_mb", (ManagedBytes() - before) / 1_000_000.0);
    }

    // All that a limiter takes is managed memory.
    private static long ManagedBytes() => GC.GetTotalMemory(forceFullCollection: true);

    private static void Print(string name, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.##}"));
}

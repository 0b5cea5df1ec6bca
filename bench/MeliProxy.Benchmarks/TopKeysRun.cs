using System.Globalization;
using MeliProxy.RateLimiting;

namespace MeliProxy.Benchmarks;

/// <summary>
/// What it costs to know the top keys: nanoseconds of the processor's time for a decision by three rules with and without them, by how many decisions the thread makes in
/// a second, which is what it depends on. One <c>name with without</c> a line, each the median of interleaved rounds.
/// </summary>
/// <remarks>Decisions are made as fast as they go; only the clock that they read goes at the pace. Reading it takes next to no time.</remarks>
public static class TopKeysRun
{
    private const int Rounds = 15;
    private const int Rules = 3;
    private const int Calls = 200_000;

    public static void Run()
    {
        ApiCall[] one = ApiCall.CreateMany(1);
        ApiCall[] many = ApiCall.CreateMany(Calls);
        (string Name, ApiCall[] Calls, int PerSecond)[] cases =
        [
            ("top.hot_key.1m_per_s", one, 1_000_000),
            ("top.hot_key.40k_per_s", one, 40_000),
            ("top.hot_key.10k_per_s", one, 10_000),
            ("top.200k_keys.1m_per_s", many, 1_000_000),
            ("top.200k_keys.40k_per_s", many, 40_000),
            ("top.200k_keys.10k_per_s", many, 10_000),
        ];
        foreach ((string name, ApiCall[] calls, int perSecond) in cases)
        {
            TimeSpan pace = TimeSpan.FromSeconds(1) / perSecond;
            using QuotaLimiter<ApiCall> with = Limiters.Quota(Rules, time: new PacedClock(pace));
            using QuotaLimiter<ApiCall> without = Limiters.Quota(Rules, topKeys: 0, time: new PacedClock(pace));
            double[] timesWith = new double[Rounds];
            double[] timesWithout = new double[Rounds];
            for (int round = -2; round < Rounds; round++)
            {
                double second = Time(without, calls);
                double first = Time(with, calls);
                if (round >= 0)
                {
                    timesWith[round] = first;
                    timesWithout[round] = second;
                }
            }

            Array.Sort(timesWith);
            Array.Sort(timesWithout);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name} {timesWith[Rounds / 2]:0.#} {timesWithout[Rounds / 2]:0.#}"));
        }
    }

    private static double Time(QuotaLimiter<ApiCall> limiter, ApiCall[] calls)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (int i = 0, next = 0; i < Calls; i++, next = next + 1 < calls.Length ? next + 1 : 0)
        {
            limiter.Decide(calls[next]);
        }

        return (Environment.CpuUsage.TotalTime - start).TotalNanoseconds / Calls;
    }
}

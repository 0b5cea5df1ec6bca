using System.Threading.RateLimiting;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Benchmarks;

/// <summary>The same limits with both libraries. They are never reached, so that every decision takes the path of allowed calls.</summary>
public static class Limiters
{
    private const int Limit = 1_000_000_000;
    private static readonly TimeSpan Window = TimeSpan.FromDays(1);
    private static readonly Func<ApiCall, string>[] Keys = [call => call.Client, call => call.Path, call => call.Account];

    /// <summary>This library, with 1 to 3 token-bucket rules and its own defaults.</summary>
    public static QuotaLimiter<ApiCall> Quota(int rules, int limit = Limit, int topKeys = 100, TimeProvider? time = null)
    {
        QuotaLimiterOptions<ApiCall> options = new() { TopKeys = topKeys, TimeProvider = time ?? TimeProvider.System };
        string[] parts = ["client", "path", "account"];
        for (int i = 0; i < rules; i++)
        {
            options.KeySources.Add(parts[i], Keys[i]);
            options.Rules.Add(new RateLimitRule { Name = $"per-{parts[i]}", Key = [parts[i]], Limit = limit, Window = Window });
        }

        return new QuotaLimiter<ApiCall>(options);
    }

    /// <summary>System.Threading.RateLimiting, with 1 to 3 chained token buckets and its own defaults.</summary>
    public static FrameworkLimiter Framework(int rules) => new([.. Keys.Take(rules).Select(
        key => PartitionedRateLimiter.Create<ApiCall, string>(
            call => RateLimitPartition.GetTokenBucketLimiter(key(call), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Limit,
                TokensPerPeriod = Limit,
                ReplenishmentPeriod = Window,
            })))]);
}

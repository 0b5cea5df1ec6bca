using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests;

/// <summary>A resource for tests, with two key parts <c>ip</c> and <c>path</c>.</summary>
internal sealed record Call(string? Ip, string Path = "/")
{
    public static QuotaLimiter<Call> Limiter(TimeProvider time, params RateLimitRule[] rules) => new(Options(time, rules));

    public static QuotaLimiterOptions<Call> Options(TimeProvider time, params RateLimitRule[] rules)
    {
        QuotaLimiterOptions<Call> options = new()
        {
            Rules = rules,
            TimeProvider = time,
            MaxKeys = 10_000,
            HashSecret = new byte[16],
            RuleMatcher = rule => call => rule.Match!.Path is null || call.Path == rule.Match.Path,
        };
        options.KeySources.Add("ip", call => call.Ip).Add("path", call => call.Path);
        return options;
    }

    /// <summary>A token bucket of a permit each second, counted by ip.</summary>
    public static RateLimitRule Bucket(string name, long permits) =>
        new() { Name = name, Key = ["ip"], Limit = permits, Window = TimeSpan.FromSeconds(permits == 0 ? 1 : permits) };

    /// <summary>A window of an hour, counted by ip.</summary>
    public static RateLimitRule Hour(string name, long permits) =>
        new() { Name = name, Key = ["ip"], Limit = permits, Window = TimeSpan.FromHours(1), Algorithm = RateLimitAlgorithm.FixedWindow };

    /// <summary>Permits held at a time, counted by ip.</summary>
    public static RateLimitRule AtOnce(string name, long permits) =>
        new() { Name = name, Key = ["ip"], Limit = permits, Algorithm = RateLimitAlgorithm.Concurrency };

    /// <summary>A rule that gives permits for an hour, counted by ip, by any algorithm.</summary>
    public static RateLimitRule By(RateLimitAlgorithm algorithm, string name, long permits) =>
        algorithm == RateLimitAlgorithm.Concurrency
            ? AtOnce(name, permits)
            : new() { Name = name, Key = ["ip"], Limit = permits, Window = TimeSpan.FromHours(1), Algorithm = algorithm };

    /// <summary>The permits that the key of a call has under the limiter's first rule.</summary>
    public long RemainingIn(QuotaLimiter<Call> limiter) => limiter.Explain(this)[0].Remaining;
}

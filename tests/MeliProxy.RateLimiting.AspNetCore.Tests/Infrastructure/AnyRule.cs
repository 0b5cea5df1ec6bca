using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;

/// <summary>Rules that count all requests together, by the day.</summary>
internal static class AnyRule
{
    public static RateLimitRule Of(string name, long limit) =>
        new() { Name = name, Key = ["global"], Algorithm = RateLimitAlgorithm.FixedWindow, Limit = limit, Window = TimeSpan.FromDays(1) };

    public static RateLimitRule Charged(string charge) => Of("charged", 1_000_000) with { Cost = 0, Charge = charge };

    public static RateLimitRule Concurrency(long limit) =>
        new() { Name = "at-once", Key = ["global"], Algorithm = RateLimitAlgorithm.Concurrency, Limit = limit };

    public static RateLimitRule ForEndpoints(string name, long limit) => Of(name, limit) with { Match = new RuleMatch { Endpoint = true } };
}

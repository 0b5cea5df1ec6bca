using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Snapshots;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

/// <summary>Carries counts from one limiter to another as a restart does.</summary>
internal static class Restart
{
    /// <summary>A limiter with a table that is quickly made and read.</summary>
    public static QuotaLimiter<Call> SmallLimiter(TimeProvider time, RateLimitRule[] rules)
    {
        QuotaLimiterOptions<Call> options = Call.Options(time, rules);
        options.MaxKeys = 50;
        return new QuotaLimiter<Call>(options);
    }

    public static byte[] Snapshot(this QuotaLimiter<Call> limiter)
    {
        using MemoryStream stream = new();
        limiter.Snapshot(stream);
        return stream.ToArray();
    }

    public static RestoreResult Restore(this QuotaLimiter<Call> limiter, byte[] snapshot)
    {
        using MemoryStream stream = new(snapshot, writable: false);
        return limiter.Restore(stream);
    }

    /// <summary>What a decision says, as one comparable value.</summary>
    public static (bool IsAllowed, string Violated, string? Rule, QuotaStanding Standing) Facts(this QuotaDecision decision) =>
        (decision.IsAllowed, string.Join(' ', decision.ViolatedRules), decision.Rule?.Name, decision.Standing);
}

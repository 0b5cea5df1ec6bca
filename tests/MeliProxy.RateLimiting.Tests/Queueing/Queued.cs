using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Queueing;

/// <summary>Rules with queues, and answers that have to be there.</summary>
internal static class Queued
{
    public static RateLimitRule Bucket(string name, long permits, int maxWaitSeconds = 60, int queue = 100) =>
        Call.Bucket(name, permits) with { Queue = Queue(maxWaitSeconds, queue) };

    /// <summary>A window of ten seconds, counted by ip.</summary>
    public static RateLimitRule Window(string name, long permits, int maxWaitSeconds = 60, int queue = 100) =>
        Call.Hour(name, permits) with { Window = TimeSpan.FromSeconds(10), Queue = Queue(maxWaitSeconds, queue) };

    public static RateLimitRule Concurrency(string name, long permits, int maxWaitSeconds = 60, int queue = 100) => new()
    {
        Name = name,
        Key = ["ip"],
        Limit = permits,
        Algorithm = RateLimitAlgorithm.Concurrency,
        Queue = Queue(maxWaitSeconds, queue),
    };

    public static RuleQueue Queue(int maxWaitSeconds, int queue) => new() { Limit = queue, MaxWait = TimeSpan.FromSeconds(maxWaitSeconds) };

    public static Task<QuotaDecision> Ask(this QuotaLimiter<Call> limiter, Call call, int permits = 1, bool isRefundable = false) =>
        limiter.DecideAsync(call, permits, isRefundable).AsTask();

    public static Task<QuotaDecision> AskUntil(this QuotaLimiter<Call> limiter, Call call, int permits, CancellationToken cancellation) =>
        limiter.DecideAsync(call, permits, cancellationToken: cancellation).AsTask();

    /// <summary>The decision, which has been made already.</summary>
    public static QuotaDecision Decided(this Task<QuotaDecision> decision)
    {
        Assert.True(decision.IsCompleted);
        return decision.GetAwaiter().GetResult();
    }
}

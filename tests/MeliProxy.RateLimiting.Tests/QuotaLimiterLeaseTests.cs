using System.Threading.RateLimiting;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterLeaseTests
{
    private static readonly Call A = new("a");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_lease_is_acquired_while_there_are_permits()
    {
        using PartitionedRateLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 3));
        using RateLimitLease two = limiter.AttemptAcquire(A, 2);
        Assert.True(two.IsAcquired);
        Assert.Empty(two.MetadataNames);
        Assert.False(two.TryGetMetadata(MetadataName.RetryAfter, out _));
        Assert.False(limiter.AttemptAcquire(A, 2).IsAcquired);
        Assert.True(limiter.AttemptAcquire(A).IsAcquired);
    }

    [Fact]
    public void Disposing_a_lease_gives_nothing_back()
    {
        using PartitionedRateLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 1));
        limiter.AttemptAcquire(A).Dispose();
        Assert.False(limiter.AttemptAcquire(A).IsAcquired);
    }

    [Fact]
    public void A_refused_lease_says_when_to_come_back_and_why()
    {
        using PartitionedRateLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 1), Call.Hour("s", 1));
        limiter.AttemptAcquire(A);
        using RateLimitLease lease = limiter.AttemptAcquire(A);
        Assert.False(lease.IsAcquired);
        Assert.Equal(["REASON_PHRASE", "RETRY_AFTER"], lease.MetadataNames.Order());
        Assert.True(lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter));
        Assert.Equal(TimeSpan.FromHours(1), retryAfter);
        Assert.True(lease.TryGetMetadata(MetadataName.ReasonPhrase, out string? reason));
        Assert.Equal("over the limit of r, s", reason);
        Assert.False(lease.TryGetMetadata("SOMETHING", out object? nothing));
        Assert.Null(nothing);
    }

    /// <summary>ASP.NET's rate limiting middleware first attempts and, refused, waits: a rejection asks twice.</summary>
    [Fact]
    public async Task A_rejection_charges_nothing_even_when_an_attempt_is_followed_by_a_wait()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("global", 10) with { Key = ["global"] }, Call.Bucket("r", 1));
        Assert.True(limiter.AttemptAcquire(A).IsAcquired);
        for (int i = 0; i < 5; i++)
        {
            Assert.False(limiter.AttemptAcquire(A).IsAcquired);
            Assert.False((await limiter.AcquireAsync(A, 1, TestContext.Current.CancellationToken)).IsAcquired);
        }

        Assert.Equal([9, 0], limiter.Explain(A).Select(e => e.Remaining));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await limiter.AcquireAsync(A, 1, TestContext.Current.CancellationToken)).IsAcquired);
    }

    [Fact]
    public async Task Waiting_answers_at_once_and_heeds_cancellation()
    {
        using PartitionedRateLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 1));
        Assert.True(limiter.AcquireAsync(A, 1, TestContext.Current.CancellationToken).AsTask().IsCompletedSuccessfully);
        Assert.True(limiter.AcquireAsync(A, 1, TestContext.Current.CancellationToken).AsTask().IsCompletedSuccessfully);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await limiter.AcquireAsync(new Call("b"), 1, new CancellationToken(canceled: true)));
        Assert.True(limiter.AttemptAcquire(new Call("b")).IsAcquired);
    }

    [Fact]
    public void No_permits_tell_whether_there_are_any()
    {
        using PartitionedRateLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 1));
        Assert.True(limiter.AttemptAcquire(A, 0).IsAcquired);
        Assert.True(limiter.AttemptAcquire(A, 1).IsAcquired);
        Assert.False(limiter.AttemptAcquire(A, 0).IsAcquired);
        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.AttemptAcquire(A, -1));
    }

    [Fact]
    public void Statistics_tell_the_permits_of_the_tightest_enforcing_rule_and_all_decisions()
    {
        using PartitionedRateLimiter<Call> limiter = Call.Limiter(
            _time,
            Call.Bucket("wide", 100),
            Call.Bucket("tight", 10) with { Cost = 3 },
            Call.Bucket("shadow", 1) with { Mode = RuleMode.Shadow });
        Assert.Equal(3, limiter.GetStatistics(A)!.CurrentAvailablePermits);
        limiter.AttemptAcquire(A, 3);
        limiter.AttemptAcquire(A);
        limiter.AttemptAcquire(A);
        RateLimiterStatistics statistics = limiter.GetStatistics(A)!;
        Assert.Equal((0, 1, 2), (statistics.CurrentAvailablePermits, statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        Assert.Equal(0, statistics.CurrentQueuedCount);
        using QuotaLimiter<Call> unlimited = Call.Limiter(_time);
        Assert.Equal(long.MaxValue, unlimited.GetStatistics(A)!.CurrentAvailablePermits);
    }
}

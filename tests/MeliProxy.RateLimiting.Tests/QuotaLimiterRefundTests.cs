using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterRefundTests
{
    private static readonly Call A = new("a");
    private readonly FakeTimeProvider _time = new();

    public static TheoryData<RateLimitAlgorithm> Algorithms => [.. Enum.GetValues<RateLimitAlgorithm>()];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void What_a_decision_took_is_given_back_once(RateLimitAlgorithm algorithm)
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.By(algorithm, "r", 10) with { Cost = 2 });
        limiter.Decide(A);
        QuotaDecision decision = limiter.Decide(A, 2, isRefundable: true);
        Assert.True(decision.IsUnsettled);
        Assert.Equal(4, A.RemainingIn(limiter));
        for (int i = 0; i < 3; i++)
        {
            decision.Refund();
            Assert.Equal(8, A.RemainingIn(limiter));
        }

        decision.Dispose();
        Assert.Equal(8, A.RemainingIn(limiter));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Nothing_is_given_back_after_disposal(RateLimitAlgorithm algorithm)
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.By(algorithm, "r", 10));
        limiter.Decide(A, 2);
        QuotaDecision decision = limiter.Decide(A, 3, isRefundable: true);
        decision.Dispose();
        long left = A.RemainingIn(limiter);
        Assert.Equal(algorithm == RateLimitAlgorithm.Concurrency ? 8 : 5, left);
        decision.Refund();
        Assert.Equal(left, A.RemainingIn(limiter));
    }

    [Fact]
    public void Nothing_is_given_back_unless_it_was_asked_for_or_was_rejected_or_taken_by_nobody()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 10));
        limiter.Decide(A, 10).Refund();
        QuotaDecision rejected = limiter.Decide(A, 1, isRefundable: true);
        Assert.False(rejected.IsAllowed || rejected.IsUnsettled);
        rejected.Refund();
        Assert.Equal(0, A.RemainingIn(limiter));
        _time.Advance(TimeSpan.FromSeconds(5));
        limiter.Decide(A, 0, isRefundable: true).Refund();
        Assert.Equal(5, A.RemainingIn(limiter));
    }

    [Fact]
    public void What_was_charged_stays()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("b", 10) with { Charge = "c" }, Call.Hour("h", 10) with { Charge = "c" });
        QuotaDecision decision = limiter.Decide(A, 4, isRefundable: true);
        decision.Charge("c", 3);
        decision.Refund();
        Assert.All(limiter.Explain(A), e => Assert.Equal(7, e.Remaining));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void However_late_a_key_never_gets_more_than_its_whole_quota(RateLimitAlgorithm algorithm)
    {
        foreach (double hours in new[] { 0, 0.01, 0.5, 0.99, 1, 1.5, 2, 5 })
        {
            Call call = new($"{hours}");
            QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.By(algorithm, "r", 10));
            QuotaDecision first = limiter.Decide(call, 5, isRefundable: true);
            QuotaDecision second = limiter.Decide(call, 5, isRefundable: true);
            _time.Advance(TimeSpan.FromHours(hours));
            first.Refund();
            second.Refund();
            Assert.InRange(call.RemainingIn(limiter), 0, 10);
            _time.Advance(TimeSpan.FromTicks(1));
            int got = Enumerable.Range(0, 30).Count(_ => limiter.Decide(call).IsAllowed);
            Assert.InRange(got, 0, 10);
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Threads_that_take_and_give_back_leave_the_whole_quota(RateLimitAlgorithm algorithm)
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.By(algorithm, "r", 7), Call.By(algorithm, "s", 1_000));
        Together.Run(
            4,
            thread =>
            {
                for (int i = 0; i < 5_000; i++)
                {
                    using QuotaDecision decision = limiter.Decide(A, 1 + (i % 3), isRefundable: true);
                    decision.Refund();
                }
            });
        Assert.Equal([7, 1_000], limiter.Explain(A).Select(e => e.Remaining));
    }
}

using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterKeyTests
{
    private readonly FakeTimeProvider _time = new();

    public static TheoryData<RateLimitAlgorithm> Counting =>
        [RateLimitAlgorithm.TokenBucket, RateLimitAlgorithm.FixedWindow, RateLimitAlgorithm.SlidingWindow];

    [Theory]
    [MemberData(nameof(Counting))]
    public void A_key_that_is_forgotten_has_its_whole_quota_and_others_keep_theirs(RateLimitAlgorithm algorithm)
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.By(algorithm, "r", 3));
        for (int i = 0; i < 2; i++)
        {
            limiter.Decide(new Call("a"));
            limiter.Decide(new Call("b"));
        }

        Assert.Equal((true, 1), (limiter.FindKey("r", ["a"])!.IsCounted, limiter.FindKey("r", ["a"])!.Remaining));
        Assert.True(limiter.ForgetKey("r", ["a"]));
        Assert.Equal((false, 3), (limiter.FindKey("r", ["a"])!.IsCounted, limiter.FindKey("r", ["a"])!.Remaining));
        Assert.Equal(1, limiter.FindKey("r", ["b"])!.Remaining);
        Assert.Equal(1, limiter.KeyCount);
        Assert.False(limiter.ForgetKey("r", ["a"]));
        Assert.True(limiter.Decide(new Call("a")).IsAllowed);
        Assert.Equal(2, limiter.FindKey("r", ["a"])!.Remaining);
    }

    [Fact]
    public void A_key_stands_by_its_override()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Bucket("r", 3));
        options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["a"], Limit = 9 });
        KeyStanding standing = new QuotaLimiter<Call>(options).FindKey("r", ["a"])!;
        Assert.Equal((9, 9), (standing.Rule.Limit, standing.Override!.Limit));
    }

    [Fact]
    public void What_cannot_be_told_or_forgotten_says_why()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 3), Call.AtOnce("c", 3));
        Assert.Null(limiter.FindKey("x", ["a"]));
        Assert.False(limiter.ForgetKey("x", ["a"]));
        Assert.Contains("each key part of 'r': ip", Assert.Throws<ArgumentException>(() => limiter.FindKey("r", [])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => limiter.ForgetKey("c", ["a"]));
    }

    [Fact]
    public void Forgetting_among_decisions_loses_no_key()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 1_000_000));
        Together.Run(4, worker =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                if (worker == 0)
                {
                    limiter.ForgetKey("r", ["a"]);
                }
                else
                {
                    limiter.Decide(new Call(i % 2 == 0 ? "a" : "b"));
                }
            }
        });
        Assert.InRange(limiter.KeyCount, 1, 2);
        Assert.Equal(1_000_000 - 30_000, limiter.FindKey("r", ["b"])!.Remaining);
    }
}

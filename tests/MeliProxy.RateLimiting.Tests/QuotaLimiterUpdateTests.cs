using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterUpdateTests
{
    private static readonly Call A = new("a");
    private static readonly RateLimitRule Bucket = Call.Bucket("r", 10);
    private static readonly RateLimitRule Hour = Call.Hour("r", 10);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_token_bucket_keeps_its_counts_when_its_numbers_change()
    {
        Assert.Equal(3, RemainingAfter(Bucket, 7, Bucket with { Cost = 2 }));
        Assert.Equal(3, RemainingAfter(Bucket, 7, Bucket with { Mode = RuleMode.Shadow }));
        Assert.Equal(13, RemainingAfter(Bucket, 7, Bucket with { Burst = 20 }));
        Assert.Equal(0, RemainingAfter(Bucket, 7, Bucket with { Burst = 5 }));

        // The share in use is what is kept: 7 of 10 become 14 of 20.
        Assert.Equal(6, RemainingAfter(Bucket, 7, Bucket with { Limit = 20 }));
        Assert.Equal(0, RemainingAfter(Bucket, 10, Bucket with { Limit = 20 }));
        Assert.Equal(0, RemainingAfter(Bucket, 10, Bucket with { Limit = 2 }));
    }

    [Fact]
    public void A_token_bucket_that_was_slow_gives_permits_at_its_new_rate_at_once()
    {
        RateLimitRule slow = Bucket with { Limit = 1, Window = TimeSpan.FromHours(1) };
        QuotaLimiter<Call> limiter = Call.Limiter(_time, slow);
        limiter.Decide(A);
        Assert.Equal(TimeSpan.FromHours(1), limiter.Decide(A).RetryAfter);

        limiter.Update(new RuleSet([Bucket with { Limit = 10, Window = TimeSpan.FromSeconds(1) }]));

        QuotaDecision rejected = limiter.Decide(A);
        Assert.Equal((TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)), (rejected.RetryAfter, rejected.ResetAfter));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(limiter.Decide(A).IsAllowed);
        Assert.False(limiter.Decide(A).IsAllowed);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, limiter.Explain(A)[0].Remaining);
    }

    [Fact]
    public void A_debt_stays_when_the_numbers_change()
    {
        RateLimitRule charged = Bucket with { Charge = "c" };
        QuotaLimiter<Call> limiter = Call.Limiter(_time, charged);
        using (QuotaDecision decision = limiter.Decide(A))
        {
            decision.Charge("c", 100);
        }

        limiter.Update(new RuleSet([charged with { Burst = 5 }]));

        limiter.Decide(A);
        Assert.Equal(TimeSpan.FromSeconds(101 - 5 + 1), limiter.Decide(A).RetryAfter);
    }

    [Fact]
    public void A_window_keeps_its_counts_when_its_numbers_change()
    {
        Assert.Equal(3, RemainingAfter(Hour, 7, Hour with { Cost = 2 }));
        Assert.Equal(3, RemainingAfter(Hour, 7, Hour with { Mode = RuleMode.Shadow }));
        Assert.Equal(13, RemainingAfter(Hour, 7, Hour with { Limit = 20 }));
        Assert.Equal(0, RemainingAfter(Hour, 7, Hour with { Limit = 5 }));
    }

    [Fact]
    public void A_rule_with_another_name_algorithm_or_key_counts_anew()
    {
        Assert.Equal(10, RemainingAfter(Bucket, 7, Bucket with { Name = "s" }));
        Assert.Equal(10, RemainingAfter(Bucket, 7, Bucket with { Algorithm = RateLimitAlgorithm.FixedWindow }));
        Assert.Equal(10, RemainingAfter(Bucket, 7, Bucket with { Key = ["global"] }));
        Assert.Equal(10, RemainingAfter(Bucket, 7, Bucket with { Key = ["ip", "path"] }));
        Assert.Equal(10, RemainingAfter(Hour, 7, Hour with { Window = TimeSpan.FromHours(2) }));
    }

    [Fact]
    public void A_rule_taken_out_and_put_back_still_knows_its_counts()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Bucket);
        limiter.Decide(A, 7);
        limiter.Update(RuleSet.Empty);
        Assert.Null(limiter.Decide(A).Rule);
        limiter.Update(new RuleSet([Call.Hour("other", 1), Bucket]));
        Assert.Equal(3, limiter.Explain(A)[1].Remaining);
    }

    [Fact]
    public void The_same_secret_makes_the_same_hashes_and_another_does_not()
    {
        Assert.Equal(Hash(new byte[16]), Hash(new byte[16]));
        Assert.NotEqual(Hash(new byte[16]), Hash([.. new byte[15], 1]));

        KeyHash Hash(byte[] secret)
        {
            BoundRuleSet<Call> bound = BoundRuleSet<Call>.Bind(
                new RuleSet([Bucket]), Call.Options(_time), new KeyHasher(secret), new OutcomeCounts());
            Assert.True(bound.Rules[0].TryHashKey(A, new char[16], out KeyHash hash));
            return hash;
        }
    }

    [Fact]
    public void Rules_that_cannot_be_used_change_nothing()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Bucket);
        RuleSet before = limiter.Rules;
        RuleSet bad = new([Bucket with { Key = ["ip", "tenant"] }, Bucket with { Name = "s", Key = ["header:x"] }]);
        InvalidRulesException e = Assert.Throws<InvalidRulesException>(() => limiter.Update(bad));
        Assert.Equal(["$.rules[0].key[1]", "$.rules[1].key[0]"], e.Errors.Select(error => error.Path));
        List<RuleError> errors = [];
        Call.Options(_time).CheckKeysAndMatches(bad, "$.rules", errors);
        Assert.Equal(e.Errors, errors);
        Assert.Same(before, limiter.Rules);
    }

    private long RemainingAfter(RateLimitRule before, int taken, RateLimitRule after)
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, before);
        Assert.True(limiter.Decide(A, taken).IsAllowed);
        limiter.Update(new RuleSet([after]));
        return Assert.Single(limiter.Explain(A)).Remaining;
    }
}

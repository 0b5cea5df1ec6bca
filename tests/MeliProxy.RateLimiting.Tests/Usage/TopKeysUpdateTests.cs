using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Usage;

/// <summary>What becomes of figures when rules change.</summary>
public class TopKeysUpdateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly QuotaLimiter<Call> _limiter;

    public TopKeysUpdateTests()
    {
        _limiter = Call.Limiter(_time, Call.Hour("r", 100), Call.Hour("s", 100));
        TopKeysTests.Decide(_limiter, new Call("a"), 5);
        TopKeysTests.Decide(_limiter, new Call("b"), 3);
    }

    [Fact]
    public void Figures_stay_with_the_name_of_a_rule_whatever_its_numbers_and_place()
    {
        _limiter.Update(new RuleSet([Call.Hour("new", 100), Call.Hour("r", 6)]));
        Assert.Equal(["r a 5 0 0", "r b 3 0 0"], TopKeysTests.Told(_limiter, null));
        TopKeysTests.Decide(_limiter, new Call("a"), 2);
        Assert.Equal(["r a 7 1 0", "r b 3 0 0", "new a 1 0 0"], TopKeysTests.Told(_limiter, null));
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public void Figures_stay_though_keys_are_hashed_in_another_way(RateLimitAlgorithm algorithm)
    {
        _limiter.Update(new RuleSet([Call.By(algorithm, "r", 100)]));
        TopKeysTests.Decide(_limiter, new Call("a"), 2);
        TopKeysTests.Decide(_limiter, new Call("c"), 1);
        Assert.Equal(["r a 7 0 0", "r b 3 0 0", "r c 1 0 0"], TopKeysTests.Told(_limiter, "r"));
    }

    [Fact]
    public void A_key_that_is_cut_is_given_up_where_keys_are_hashed_in_another_way()
    {
        string longText = new('x', 1_000);
        TopKeysTests.Decide(_limiter, new Call(longText), 4);
        _limiter.Update(new RuleSet([Call.Hour("r", 50)]));
        Assert.Equal([5, 4, 3], _limiter.GetTopKeys("r").Select(k => k.Hits));
        _limiter.Update(new RuleSet([Call.Bucket("r", 50)]));
        TopKeysTests.Decide(_limiter, new Call(longText), 1);
        Assert.Equal([5, 3, 1], _limiter.GetTopKeys("r").Select(k => k.Hits));
    }

    [Fact]
    public void A_rule_with_other_key_parts_begins_anew()
    {
        _limiter.Update(new RuleSet([Call.Hour("r", 100) with { Key = ["ip", "path"] }]));
        Assert.Empty(_limiter.GetTopKeys());
        TopKeysTests.Decide(_limiter, new Call("a"), 2);
        Assert.Equal(["r a,/ 2 0 0"], TopKeysTests.Told(_limiter, null));
    }

    [Fact]
    public void A_rule_that_was_not_in_force_begins_anew()
    {
        _limiter.Update(RuleSet.Empty);
        Assert.Empty(_limiter.GetTopKeys());
        _limiter.Update(new RuleSet([Call.Hour("r", 100)]));
        Assert.Empty(_limiter.GetTopKeys());
    }

    [Fact]
    public void Rules_that_cannot_be_used_change_nothing()
    {
        Assert.Throws<InvalidRulesException>(() => _limiter.Update(new RuleSet([Call.Bucket("r", 1), Call.Hour("s", 1) with { Key = ["nobody"] }])));
        TopKeysTests.Decide(_limiter, new Call("a"), 1);
        Assert.Equal(["r a 6 0 0", "r b 3 0 0"], TopKeysTests.Told(_limiter, "r"));
    }
}

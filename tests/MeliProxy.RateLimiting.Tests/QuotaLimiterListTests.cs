using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

/// <summary>Rules that leave resources alone, or always reject them, by lists.</summary>
public class QuotaLimiterListTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("ip=10.1.2.3", "10.1.2.3", true)]
    [InlineData("ip=10.1.2.3", "10.1.2.4", false)]
    [InlineData("ip=10.1.2.3", "::ffff:10.1.2.3", true)]
    [InlineData("ip=10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("ip=10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("ip=10.0.0.0/8", "9.255.255.255", false)]
    [InlineData("ip=10.0.0.0/8", "::ffff:10.9.9.9", true)]
    [InlineData("ip=10.0.0.0/8", "10.9.9", false)]
    [InlineData("ip=10.0.0.0/8", "ten", false)]
    [InlineData("ip=10.0.0.0/8", "", false)]
    [InlineData("ip=10.0.0.0/8", null, false)]
    [InlineData("ip=0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("ip=0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("ip=::/0", "2001:db8::1", true)]
    [InlineData("ip=192.0.2.128/25", "192.0.2.127", false)]
    [InlineData("ip=192.0.2.128/25", "192.0.2.128", true)]
    [InlineData("ip=192.0.2.7/32", "192.0.2.7", true)]
    [InlineData("ip=2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("ip=2001:db8::/32", "2001:db9::", false)]
    [InlineData("ip=2001:db8::/32", "2001:db8:1:2::/64", true)]
    [InlineData("ip=2001:db8:1:2::/64", "2001:db8:1:2::/64", true)]
    [InlineData("ip=2001:db8:1:2::/64", "2001:db8:1::/48", false)]
    [InlineData("ip=2001:db8::1", "2001:0db8:0:0::0001", true)]
    [InlineData("ip=A", "a", false)]
    [InlineData("ip=A", "A", true)]
    [InlineData("ip=", "", true)]
    [InlineData("ip=", null, false)]
    [InlineData("path=/x", "anything", true)]
    [InlineData("path=/x=y", "anything", false)]
    public void A_resource_is_in_a_list_by_value_or_by_network(string entry, string? ip, bool isIn)
    {
        Call call = new(ip, "/x");
        QuotaLimiter<Call> allows = Call.Limiter(_time, Call.Hour("r", 0) with { Allow = ["ip=nobody", entry] });
        Assert.Equal(isIn, allows.Decide(call).IsAllowed);
        QuotaLimiter<Call> denies = Call.Limiter(_time, Call.Hour("r", 10) with { Deny = ["ip=nobody", entry] });
        Assert.Equal(!isIn, denies.Decide(call).IsAllowed);
    }

    [Fact]
    public void A_network_holds_exactly_the_addresses_with_its_prefix()
    {
        for (int length = 0; length <= 32; length++)
        {
            uint mask = length == 0 ? 0 : uint.MaxValue << (32 - length);
            uint start = 0xC0A8_37A5 & mask;
            QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 0) with { Allow = [$"ip={Text(start)}/{length}"] });
            for (int bit = 0; bit < 32; bit++)
            {
                uint address = start ^ (1u << bit);
                Assert.Equal((address & mask) == start, limiter.Decide(new Call(Text(address))).IsAllowed);
            }

            Assert.True(limiter.Decide(new Call(Text(start | ~mask))).IsAllowed);
        }

        static string Text(uint address) => $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}";
    }

    [Fact]
    public void What_is_allowed_is_left_alone_and_not_counted()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.AtOnce("r", 1) with { Allow = ["ip=a"] }, Call.Hour("s", 3));
        for (int i = 0; i < 3; i++)
        {
            QuotaDecision decision = limiter.Decide(new Call("a"));
            Assert.Equal((true, false, "s"), (decision.IsAllowed, decision.IsUnsettled, decision.Rule!.Name));
        }

        Assert.False(limiter.Decide(new Call("a")).IsAllowed);
        Assert.Equal(new RuleCounts(limiter.Rules[0], 0, 0, 0, 0, 0, 0), limiter.GetRuleCounts()[0]);
        Assert.Equal(RuleApplicability.Exempt, limiter.Explain(new Call("a"))[0].Applicability);
    }

    [Fact]
    public void What_is_denied_is_rejected_costs_nothing_and_comes_back_in_vain()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("all", 5), Call.Bucket("r", 10) with { Deny = ["path=/x"] });
        for (int i = 0; i < 20; i++)
        {
            QuotaDecision decision = limiter.Decide(new Call("a", "/x"));
            Assert.False(decision.IsAllowed || decision.IsUnsettled);
            Assert.Equal((0, TimeSpan.FromSeconds(10), "r"), (decision.Remaining, decision.RetryAfter, Assert.Single(decision.ViolatedRules)));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(0, limiter.KeyCount);
        Assert.Equal(20, limiter.GetRuleCounts()[1].Limited);
        RuleExplanation explanation = limiter.Explain(new Call("a", "/x"))[1];
        Assert.Equal((RuleApplicability.Denied, false, 0), (explanation.Applicability, explanation.IsAllowed, explanation.Remaining));
        Assert.Equal(0, limiter.GetStatistics(new Call("a", "/x"))!.CurrentAvailablePermits);
        Assert.True(limiter.Decide(new Call("a", "/y")).IsAllowed);
    }

    [Fact]
    public void Allow_goes_before_deny_and_both_before_overrides_and_keys()
    {
        QuotaLimiterOptions<Call> options = Call.Options(
            _time,
            Call.Hour("r", 1) with { Allow = ["ip=10.0.0.0/8"], Deny = ["ip=10.1.0.0/16", "path=/x"], OnMissingKey = MissingKeyBehavior.Skip });
        options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["1.1.1.1"], Limit = null });
        options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["10.2.2.2"], Limit = 0 });
        QuotaLimiter<Call> limiter = new(options);
        Assert.True(limiter.Decide(new Call("10.1.1.1")).IsAllowed);
        Assert.True(limiter.Decide(new Call("10.1.1.1", "/x")).IsAllowed);
        Assert.True(limiter.Decide(new Call("10.2.2.2")).IsAllowed);
        Assert.False(limiter.Decide(new Call("1.1.1.1", "/x")).IsAllowed);
        Assert.True(limiter.Decide(new Call("1.1.1.1")).IsAllowed);
        Assert.False(limiter.Decide(new Call(null, "/x")).IsAllowed);
        Assert.True(limiter.Decide(new Call(null)).IsAllowed);
    }

    [Fact]
    public void A_list_is_asked_only_where_the_rule_matches()
    {
        RateLimitRule rule = Call.Hour("r", 10) with { Match = new RuleMatch { Path = "/x" }, Deny = ["ip=a"] };
        QuotaLimiter<Call> limiter = Call.Limiter(_time, rule);
        Assert.True(limiter.Decide(new Call("a", "/y")).IsAllowed);
        Assert.False(limiter.Decide(new Call("a", "/x")).IsAllowed);
    }

    [Fact]
    public void A_part_of_a_list_that_is_unknown_is_refused()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("r", 1) with { Allow = ["ip=a", "tenant=b"], Deny = ["cookie:x=c"] });
        InvalidRulesException e = Assert.Throws<InvalidRulesException>(() => new QuotaLimiter<Call>(options));
        Assert.Equal(["$.rules[0].allow[1]", "$.rules[0].deny[0]"], e.Errors.Select(error => error.Path));
    }

    [Fact]
    public void What_is_denied_is_so_though_its_key_cannot_be_computed()
    {
        QuotaLimiterOptions<Call> options = Call.Options(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(), Call.Hour("r", 5) with { Key = ["broken"], Deny = ["ip=a"] });
        options.KeySources.Add("broken", _ => throw new InvalidOperationException("cannot read it"));
        QuotaLimiter<Call> limiter = new(options);
        Assert.False(limiter.Decide(new Call("a")).IsAllowed);
        Assert.True(limiter.Decide(new Call("b")).IsAllowed);
    }
}

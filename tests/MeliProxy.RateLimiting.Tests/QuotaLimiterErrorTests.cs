using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

/// <summary>Key sources and matches that throw.</summary>
public class QuotaLimiterErrorTests
{
    private static readonly Call Good = new("a");
    private static readonly Call Bad = new("a", "/bad");
    private static readonly Call Huge = new(new string('x', PartitionKeyWriter.MaxLength));
    private readonly FakeTimeProvider _time = new();
    private readonly List<(string Rule, string Message)> _told = [];

    public static TheoryData<string> Failures => ["key", "second-part", "match", "allow", "deny", "huge"];

    [Theory]
    [MemberData(nameof(Failures))]
    public void An_open_rule_that_fails_lets_pass_uncounted_and_the_others_decide(string failure)
    {
        QuotaLimiter<Call> limiter = Limiter(Failing(failure, RuleErrorBehavior.Open), Call.Hour("s", 3) with { Key = ["global"] });
        Call call = failure == "huge" ? Huge : Bad;
        for (int i = 0; i < 3; i++)
        {
            QuotaDecision decision = limiter.Decide(call);
            Assert.Equal((true, "s"), (decision.IsAllowed, decision.Rule!.Name));
        }

        Assert.Equal(["s"], limiter.Decide(call).ViolatedRules);
        Assert.Equal(new RuleCounts(limiter.Rules[0], 0, 0, 0, 0, 4, 0), limiter.GetRuleCounts()[0]);
        Assert.Equal(1, limiter.KeyCount);
        AssertTold(4, failure);
        RuleExplanation explanation = limiter.Explain(call)[0];
        Assert.Equal((RuleApplicability.Failed, true), (explanation.Applicability, explanation.IsAllowed));
        Assert.Equal(_told[0].Message, explanation.Failure);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_closed_rule_that_fails_rejects_and_costs_the_others_nothing(string failure)
    {
        QuotaLimiter<Call> limiter = Limiter(Call.Hour("s", 3) with { Key = ["global"] }, Failing(failure, RuleErrorBehavior.Closed));
        Call call = failure == "huge" ? Huge : Bad;
        for (int i = 0; i < 5; i++)
        {
            QuotaDecision decision = limiter.Decide(call);
            Assert.False(decision.IsAllowed || decision.IsUnsettled);
            Assert.Equal(("r", 0), (Assert.Single(decision.ViolatedRules), decision.Remaining));
            Assert.InRange(decision.RetryAfter, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        }

        Assert.Equal(new RuleCounts(limiter.Rules[1], 0, 5, 0, 0, 5, 0), limiter.GetRuleCounts()[1]);
        Assert.Equal((3, 0), (limiter.Explain(call)[0].Remaining, limiter.KeyCount));
        Assert.False(limiter.Explain(call)[1].IsAllowed);
        AssertTold(5, failure);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_closed_rule_in_shadow_mode_rejects_nothing_when_it_fails(string failure)
    {
        QuotaLimiter<Call> limiter = Limiter(Failing(failure, RuleErrorBehavior.Closed) with { Mode = RuleMode.Shadow });
        Assert.True(limiter.Decide(failure == "huge" ? Huge : Bad).IsAllowed);
        RuleCounts counts = limiter.GetRuleCounts()[0];
        Assert.Equal((1, 1, 0), (counts.Failed, counts.ShadowLimited, counts.Limited));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failures_in_between_change_nothing_for_resources_that_can_be_judged(string failure)
    {
        foreach (RuleErrorBehavior behavior in Enum.GetValues<RuleErrorBehavior>())
        {
            QuotaLimiter<Call> limiter = Limiter(Failing(failure, behavior));
            int allowed = 0;
            for (int i = 0; i < 20; i++)
            {
                limiter.Decide(failure == "huge" ? Huge : Bad);
                allowed += limiter.Decide(Good).IsAllowed ? 1 : 0;
            }

            Assert.Equal((10, 0, 1), (allowed, Good.RemainingIn(limiter), limiter.KeyCount));
        }
    }

    [Fact]
    public void What_the_error_handler_throws_is_ignored()
    {
        QuotaLimiterOptions<Call> options = Options(Failing("key", RuleErrorBehavior.Closed));
        options.ErrorHandler = (_, _) => throw new InvalidOperationException("the handler fails too");
        QuotaLimiter<Call> limiter = new(options);
        Assert.False(limiter.Decide(Bad).IsAllowed);
        Assert.True(limiter.Decide(Good).IsAllowed);

        options = Options(Failing("key", RuleErrorBehavior.Open));
        options.ErrorHandler = null;
        Assert.True(new QuotaLimiter<Call>(options).Decide(Bad).IsAllowed);
    }

    [Fact]
    public void More_rules_than_fit_the_stack_fail_each_for_itself()
    {
        RateLimitRule[] rules =
            [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? Call.Hour($"r{i}", 10) : Failing("key", RuleErrorBehavior.Open) with { Name = $"r{i}" })];
        QuotaLimiter<Call> limiter = Limiter(rules);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(limiter.Decide(Bad).IsAllowed);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"r{2 * i}"), limiter.Decide(Bad).ViolatedRules);
        Assert.Equal(20 * 11, limiter.GetRuleCounts().Sum(c => c.Failed));
    }

    private static RateLimitRule Failing(string failure, RuleErrorBehavior behavior)
    {
        RateLimitRule rule = Call.Hour("r", 10) with { OnError = behavior };
        return failure switch
        {
            "key" => rule with { Key = ["fails"] },
            "second-part" => rule with { Key = ["ip", "fails"] },
            "match" => rule with { Match = new RuleMatch() },
            "allow" => rule with { Allow = ["ip=b", "fails=x"] },
            "deny" => rule with { Deny = ["fails=x"] },
            _ => rule,
        };
    }

    private QuotaLimiter<Call> Limiter(params RateLimitRule[] rules) => new(Options(rules));

    private QuotaLimiterOptions<Call> Options(params RateLimitRule[] rules)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, rules);
        options.KeySources.Add("fails", call => call == Bad ? throw new FormatException("cannot read it") : "");
        options.RuleMatcher = _ => call => call == Bad ? throw new FormatException("cannot read it") : true;
        options.ErrorHandler = (rule, e) => _told.Add((rule.Name, e.Message));
        return options;
    }

    private void AssertTold(int times, string failure)
    {
        Assert.Equal(times, _told.Count);
        Assert.All(_told, told => Assert.Equal("r", told.Rule));
        Assert.All(_told, told => Assert.Contains(failure == "huge" ? $"at most {PartitionKeyWriter.MaxLength}" : "cannot read it", told.Message, StringComparison.Ordinal));
    }
}

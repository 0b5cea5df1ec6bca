using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterExplainTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Each_rule_is_explained_in_order()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(
            _time,
            Call.Bucket("applies", 2) with { Key = ["path", "ip"] },
            Call.Bucket("elsewhere", 2) with { Match = new RuleMatch { Path = "/other" } },
            Call.Bucket("skipped", 2) with { OnMissingKey = MissingKeyBehavior.Skip });
        IReadOnlyList<RuleExplanation> explanations = limiter.Explain(new Call(null, "/p"));
        Assert.Equal(
            [("applies", RuleApplicability.Applies), ("elsewhere", RuleApplicability.NotMatched), ("skipped", RuleApplicability.KeyMissing)],
            explanations.Select(e => (e.Rule.Name, e.Applicability)));
        Assert.Equal(["/p", null], explanations[0].Key);
        Assert.Empty(explanations[1].Key);
        Assert.Equal([null], explanations[2].Key);
        Assert.All(explanations, e => Assert.True(e.IsAllowed));
    }

    [Fact]
    public void Explaining_takes_nothing_adds_no_key_and_is_not_counted()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 2));
        Call call = new("a");
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(2, Assert.Single(limiter.Explain(call)).Remaining);
        }

        Assert.Equal(0, limiter.KeyCount);
        Assert.Equal(0, limiter.GetStatistics(call)!.TotalSuccessfulLeases);
    }

    [Fact]
    public void An_explanation_says_what_a_decision_would()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 3) with { Cost = 2 });
        Call call = new("a");
        limiter.Decide(call);
        RuleExplanation explanation = Assert.Single(limiter.Explain(call));
        QuotaDecision decision = limiter.Decide(call);
        Assert.Equal(decision.IsAllowed, explanation.IsAllowed);
        Assert.Equal(
            (decision.Remaining, decision.ResetAfter, decision.RetryAfter),
            (explanation.Remaining, explanation.ResetAfter, explanation.RetryAfter));
        Assert.Equal(TimeSpan.FromSeconds(1), explanation.RetryAfter);
    }
}

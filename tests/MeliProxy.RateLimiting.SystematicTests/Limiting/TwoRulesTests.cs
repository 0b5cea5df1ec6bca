using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.SystematicTests.Scheduling;

namespace MeliProxy.RateLimiting.SystematicTests.Limiting;

public class TwoRulesTests
{
    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public void What_one_rule_rejects_is_given_back_to_the_other_to_the_last_permit(RateLimitAlgorithm algorithm) =>
        Explorer.Exhaust(3, () => AllOrNothing(algorithm));

    internal static Scenario AllOrNothing(RateLimitAlgorithm algorithm)
    {
        Subject subject = new(8, KeyCapBehavior.Reject, Subject.Rule("first", algorithm, 3), Subject.Rule("second", algorithm, 2));
        KeyHash x = subject.Key(0, 1);
        KeyHash y = subject.Key(1, 2, home: 8);
        KeyHash x2 = subject.Key(0, 3, home: 16);
        subject.Decide(x, y);
        subject.DecideBy(0, x2);
        return new Scenario(
            subject.Table,
            [() => subject.Decide(x, y), () => subject.Decide(x2, y), () => subject.Decide(x, y)],
            () =>
            {
                Assert.Equal(2, subject.Allowed(y));
                Assert.Equal((3 - subject.Allowed(x), 3 - subject.Allowed(x2)), (subject.Remaining(0, x), subject.Remaining(0, x2)));
                Assert.Equal(0, subject.Remaining(1, y));
                subject.CheckTable();
            });
    }
}

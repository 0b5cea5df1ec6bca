using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.SystematicTests.Scheduling;

namespace MeliProxy.RateLimiting.SystematicTests.Limiting;

public class OneKeyTests
{
    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public void Three_strands_get_exactly_as_many_permits_as_there_are(RateLimitAlgorithm algorithm) =>
        Explorer.Exhaust(3, () => Takes(algorithm, isKnown: true, strands: 3, each: 2, limit: 4));

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public void Three_strands_that_add_the_key_get_exactly_as_many_permits_as_there_are(RateLimitAlgorithm algorithm) =>
        Explorer.Exhaust(2, () => Takes(algorithm, isKnown: false, strands: 3, each: 1, limit: 2));

    internal static Scenario Takes(RateLimitAlgorithm algorithm, bool isKnown, int strands, int each, int limit)
    {
        Subject subject = new(2, KeyCapBehavior.Reject, Subject.Rule("r", algorithm, limit));
        KeyHash key = subject.Key(0, 1);
        if (isKnown)
        {
            subject.Decide(key);
        }

        return new Scenario(
            subject.Table,
            [
                .. Enumerable.Range(0, strands).Select(_ => (Action)(() =>
                {
                    for (int i = 0; i < each; i++)
                    {
                        subject.Decide(key);
                    }
                })),
            ],
            () =>
            {
                Assert.Equal(limit, subject.Allowed(key));
                Assert.Equal(0, subject.Remaining(0, key));
                Assert.Equal(1, subject.Table.Keys);
                subject.CheckRests(key, limit);
                subject.CheckTable();
            });
    }
}

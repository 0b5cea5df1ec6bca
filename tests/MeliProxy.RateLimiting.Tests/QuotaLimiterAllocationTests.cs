using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterAllocationTests
{
    private const int Decisions = 500;
    private const int Runs = 6;
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)]
    public void An_allowance_allocates_nothing_for_a_key_known(int rules)
    {
        QuotaLimiter<Call> limiter = Limiter(rules);
        Call call = new("10.1.2.3", "/categories/MLA97994");
        Assert.Equal(0, BytesOf(_ => limiter.Decide(call).IsAllowed, expected: true));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)]
    public void An_allowance_allocates_nothing_for_a_key_never_seen(int rules)
    {
        QuotaLimiter<Call> limiter = Limiter(rules);
        Call[] calls = [.. Enumerable.Range(0, Runs * Decisions).Select(i => new Call($"{i}", $"/{i}"))];
        Assert.Equal(0, BytesOf(i => limiter.Decide(calls[i]).IsAllowed, expected: true));
        Assert.Equal(Runs * Decisions * rules, limiter.KeyCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(20)]
    public void A_rejection_by_one_rule_allocates_nothing(int rules)
    {
        QuotaLimiter<Call> limiter = Limiter(rules, last: 1);
        Call call = new("10.1.2.3", "/categories/MLA97994");
        limiter.Decide(call);
        Assert.Equal(0, BytesOf(_ => limiter.Decide(call).IsAllowed, expected: false));
    }

    [Fact]
    public void A_key_too_long_for_the_stack_allocates_nothing()
    {
        QuotaLimiter<Call> limiter = Limiter(3);
        Call call = new(new string('x', 5_000));
        Assert.Equal(0, BytesOf(_ => limiter.Decide(call).IsAllowed, expected: true));
    }

    [Fact]
    public void Reading_a_decision_allocates_nothing()
    {
        QuotaLimiter<Call> limiter = Limiter(3, last: 1);
        Call call = new("10.1.2.3");
        limiter.Decide(call);
        Assert.Equal(
            0,
            BytesOf(
                _ =>
                {
                    QuotaDecision decision = limiter.Decide(call);
                    return decision.Remaining > 0 || decision.RetryAfter == TimeSpan.Zero || decision.ResetAfter == TimeSpan.Zero
                        || decision.ViolatedRules.Count != 1 || decision.Rule is null;
                },
                expected: false));
    }

    private QuotaLimiter<Call> Limiter(int rules, long last = 1_000_000)
    {
        QuotaLimiterOptions<Call> options = Call.Options(
            _time,
            [
                .. Enumerable.Range(1, rules - 1).Select(i => (i % 2 == 0 ? Call.Bucket($"r{i}", 1_000_000) : Call.Hour($"r{i}", 1_000_000)) with { Key = ["ip", "path"] }),
                Call.Bucket("last", last),
            ]);
        options.MaxKeys = 100_000;
        return new QuotaLimiter<Call>(options);
    }

    /// <summary>
    /// The fewest bytes that any of several runs allocated: what decisions allocate they allocate in each, while a collection in between,
    /// caused by another test, can make the figure of one too high.
    /// </summary>
    private static long BytesOf(Func<int, bool> decide, bool expected)
    {
        bool all = true;
        long fewest = long.MaxValue;
        for (int run = 0; run < Runs; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Decisions; i++)
            {
                all &= decide((run * Decisions) + i) == expected;
            }

            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.True(all);
        return fewest;
    }
}

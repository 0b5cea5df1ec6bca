using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;
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

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void A_rejection_by_several_rules_allocates_nothing(int rules)
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, [.. Enumerable.Range(1, rules).Select(i => Call.Hour($"r{i}", 1))]);
        Call call = new("10.1.2.3");
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

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public void Taking_charging_giving_back_and_disposing_allocate_nothing(RateLimitAlgorithm algorithm)
    {
        // Windows end all the time. (Once a second the wall clock is read again, which is not part of a decision.)
        RateLimitRule rule = algorithm == RateLimitAlgorithm.Concurrency
            ? Call.AtOnce("r", 1_000)
            : Call.By(algorithm, "r", 1_000) with { Charge = "c", Window = TimeSpan.FromMilliseconds(2) };
        QuotaLimiter<Call> limiter = Call.Limiter(_time, rule, Call.AtOnce("held", 10));
        Call call = new("10.1.2.3");
        Assert.Equal(
            0,
            BytesOf(
                i =>
                {
                    _time.Advance(TimeSpan.FromMilliseconds(1));
                    using QuotaDecision decision = limiter.Decide(call, 1, isRefundable: true);
                    decision.Charge("c", 3);
                    if (i % 2 == 0)
                    {
                        decision.Refund();
                    }

                    return decision.IsAllowed && decision.IsUnsettled && decision.Standing.Remaining > 0;
                },
                expected: true));
    }

    [Fact]
    public void Several_decisions_held_at_a_time_allocate_nothing()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.AtOnce("held", 100));
        Call call = new("10.1.2.3");
        QuotaDecision[] held = new QuotaDecision[20];
        Assert.Equal(
            0,
            BytesOf(
                i =>
                {
                    held[i % held.Length].Dispose();
                    held[i % held.Length] = limiter.Decide(call);
                    return held[i % held.Length].IsAllowed;
                },
                expected: true));
    }

    [Theory]
    [InlineData(CalendarPeriod.Minute)]
    [InlineData(CalendarPeriod.Hour)]
    [InlineData(CalendarPeriod.Day)]
    [InlineData(CalendarPeriod.Month)]
    public void A_calendar_within_a_window_allocates_nothing(CalendarPeriod period)
    {
        RateLimitRule rule = Call.Hour("r", 1_000_000) with { Window = TimeSpan.Zero, Calendar = period, TimeZone = "America/Sao_Paulo" };
        QuotaLimiter<Call> limiter = Call.Limiter(_time, rule);
        Call call = new("10.1.2.3");
        Assert.Equal(0, BytesOf(_ => limiter.Decide(call).IsAllowed, expected: true));
    }

    [Fact]
    public void Lists_allocate_nothing_whether_or_not_a_resource_is_in_them()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(
            _time,
            Call.Hour("r", 1_000_000) with
            {
                Allow = ["ip=192.0.2.1", "ip=10.0.0.0/8", "ip=2001:db8::/32", "path=/free"],
                Deny = ["ip=203.0.113.0/24", "path=/denied"],
            });
        Call[] allowed = [new("10.1.2.3"), new("192.0.2.1"), new("2001:db8::1"), new("198.51.100.1"), new("198.51.100.1", "/free"), new("2001:db9::")];
        Call[] denied = [new("203.0.113.9"), new("::ffff:203.0.113.9"), new("198.51.100.1", "/denied")];
        Assert.Equal(0, BytesOf(i => limiter.Decide(allowed[i % allowed.Length]).IsAllowed, expected: true));
        Assert.Equal(0, BytesOf(i => limiter.Decide(denied[i % denied.Length]).IsAllowed, expected: false));
    }

    [Fact]
    public void Overrides_allocate_nothing()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("r", 1_000_000));
        long?[] limits = [null, 500_000, 0];
        foreach (long? limit in limits)
        {
            options.Overrides.Add(new RuleOverride { Rule = "r", Key = [$"{limit}"], Limit = limit, ExpiresAt = _time.GetUtcNow().AddDays(1) });
        }

        QuotaLimiter<Call> limiter = new(options);
        Call[] calls = [.. limits.Select(limit => new Call($"{limit}")), new("expired")];
        Assert.Equal(0, BytesOf(i => limiter.Decide(calls[i % 2]).IsAllowed, expected: true));
        Assert.Equal(0, BytesOf(_ => limiter.Decide(calls[2]).RetryAfter == TimeSpan.FromDays(1), expected: true));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(0, BytesOf(i => limiter.Decide(calls[i % 4]).IsAllowed, expected: true));
    }

    [Theory]
    [InlineData(KeyCapBehavior.Admit)]
    [InlineData(KeyCapBehavior.Reject)]
    [InlineData(KeyCapBehavior.Overflow)]
    public void Keys_without_room_allocate_nothing(KeyCapBehavior behavior)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("r", 1_000_000));
        options.MaxKeys = 1;
        options.KeyCap = behavior;
        QuotaLimiter<Call> limiter = new(options);
        limiter.Decide(new Call("first"));
        Call[] calls = [.. Enumerable.Range(0, Runs * Decisions).Select(i => new Call($"{i}"))];
        Assert.Equal(0, BytesOf(i => limiter.Decide(calls[i]).IsAllowed, expected: behavior != KeyCapBehavior.Reject));
        Assert.Equal(Runs * Decisions, limiter.GetRuleCounts()[0].NoRoom);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(5_000)]
    public void Decisions_counted_by_their_keys_allocate_nothing_once_the_counters_are_in_use(int length)
    {
        // So few decisions in a second that each is counted.
        QuotaLimiter<Call> limiter = Limiter(3);
        Call[] calls = [.. Enumerable.Range(0, Runs * Decisions).Select(i => new Call($"{i}".PadLeft(length)))];
        Assert.Equal(
            0,
            BytesOf(
                i =>
                {
                    _time.Advance(TimeSpan.FromMicroseconds(200));
                    return limiter.Decide(calls[i]).IsAllowed;
                },
                expected: true));
        Assert.Equal(100, limiter.GetTopKeys("last").Count);
        Assert.Equal(0, BytesOf(i => limiter.Decide(calls[i % 2]).IsAllowed, expected: true));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task Decisions_that_are_timed_allocate_nothing(int rules)
    {
        // So few decisions in a second that each is timed.
        QuotaLimiter<Call> limiter = Limiter(rules);
        await using UsageReporter reporter = UsageReporter.Start(limiter, new UsageReporterOptions { Node = "a", Sinks = [] });
        Call call = new("10.1.2.3", "/categories/MLA97994");
        Assert.Equal(
            0,
            BytesOf(
                _ =>
                {
                    _time.Advance(TimeSpan.FromMicroseconds(200));
                    return limiter.Decide(call).IsAllowed;
                },
                expected: true));
        Assert.InRange(((IUsageSource)limiter).GetTotals()[0].DecisionTime.Count, (Runs * Decisions) - 1, Runs * Decisions);
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

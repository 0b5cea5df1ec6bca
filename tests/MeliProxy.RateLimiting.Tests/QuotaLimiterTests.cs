using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterTests
{
    private static readonly Call A = new("a");
    private static readonly Call B = new("b");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Without_rules_everything_is_allowed_and_no_rule_is_named()
    {
        QuotaDecision decision = Call.Limiter(_time).Decide(A);
        Assert.True(decision.IsAllowed);
        Assert.Null(decision.Rule);
        Assert.Empty(decision.ViolatedRules);
        Assert.Equal((0, TimeSpan.Zero, TimeSpan.Zero), (decision.Remaining, decision.ResetAfter, decision.RetryAfter));
    }

    [Fact]
    public void Each_key_has_its_own_quota()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 2));
        Assert.True(limiter.Decide(A).IsAllowed);
        Assert.True(limiter.Decide(A).IsAllowed);
        Assert.False(limiter.Decide(A).IsAllowed);
        Assert.True(limiter.Decide(B).IsAllowed);
        Assert.Equal(2, limiter.KeyCount);
    }

    [Fact]
    public void A_decision_tells_what_is_left_and_when_there_is_more()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 2));
        QuotaDecision first = limiter.Decide(A);
        Assert.Equal((1, TimeSpan.FromSeconds(1), TimeSpan.Zero), (first.Remaining, first.ResetAfter, first.RetryAfter));
        limiter.Decide(A);
        _time.Advance(TimeSpan.FromMilliseconds(300));
        QuotaDecision third = limiter.Decide(A);
        Assert.False(third.IsAllowed);
        Assert.Equal("r", third.Rule!.Name);
        Assert.Equal(["r"], third.ViolatedRules);
        Assert.Equal((0, TimeSpan.FromSeconds(1.7), TimeSpan.FromSeconds(0.7)), (third.Remaining, third.ResetAfter, third.RetryAfter));
        _time.Advance(third.RetryAfter - TimeSpan.FromTicks(1));
        Assert.False(limiter.Decide(A).IsAllowed);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(limiter.Decide(A).IsAllowed);
    }

    [Fact]
    public void A_rejection_names_all_rules_violated_and_reports_the_one_to_wait_for_longest()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("short", 1), Call.Hour("long", 1), Call.Bucket("not", 5));
        limiter.Decide(A);
        QuotaDecision decision = limiter.Decide(A);
        Assert.Equal(["short", "long"], decision.ViolatedRules);
        Assert.Equal("long", decision.Rule!.Name);
        Assert.Equal(TimeSpan.FromHours(1), decision.RetryAfter);
    }

    [Fact]
    public void An_allowance_reports_the_rule_nearest_to_its_limit()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("far", 100), Call.Hour("near", 3), Call.Bucket("middle", 10));
        Assert.Equal("near", limiter.Decide(A).Rule!.Name);
    }

    [Fact]
    public void A_rule_that_does_not_match_is_not_asked()
    {
        RateLimitRule rule = Call.Bucket("r", 0) with { Match = new RuleMatch { Path = "/blocked" } };
        QuotaLimiter<Call> limiter = Call.Limiter(_time, rule);
        Assert.True(limiter.Decide(new Call("a", "/free")).IsAllowed);
        Assert.False(limiter.Decide(new Call("a", "/blocked")).IsAllowed);
    }

    [Fact]
    public void A_missing_part_counts_as_empty_or_is_skipped_as_the_rule_says()
    {
        QuotaLimiter<Call> empty = Call.Limiter(_time, Call.Bucket("r", 1));
        Assert.True(empty.Decide(new Call(null)).IsAllowed);
        Assert.False(empty.Decide(new Call("")).IsAllowed);

        QuotaLimiter<Call> skip = Call.Limiter(_time, Call.Bucket("r", 1) with { OnMissingKey = MissingKeyBehavior.Skip });
        Assert.True(skip.Decide(new Call(null)).IsAllowed);
        Assert.True(skip.Decide(new Call(null)).IsAllowed);
        Assert.Equal(0, skip.KeyCount);
        Assert.True(skip.Decide(new Call("")).IsAllowed);
        Assert.False(skip.Decide(new Call("")).IsAllowed);
    }

    [Fact]
    public void A_rule_with_several_parts_counts_each_tuple()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 1) with { Key = ["ip", "path"] });
        Assert.True(limiter.Decide(new Call("a", "bc")).IsAllowed);
        Assert.True(limiter.Decide(new Call("ab", "c")).IsAllowed);
        Assert.True(limiter.Decide(new Call("a", "b")).IsAllowed);
        Assert.False(limiter.Decide(new Call("a", "bc")).IsAllowed);
    }

    [Fact]
    public void Rules_do_not_share_counts_even_of_the_same_key()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(
            _time,
            Call.Bucket("a", 10),
            Call.Bucket("b", 10),
            Call.Hour("c", 10),
            Call.Bucket("d", 10) with { Key = ["path"] });
        limiter.Decide(new Call("/"));
        Assert.Equal(4, limiter.KeyCount);
    }

    [Fact]
    public void Cost_and_permits_multiply()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 20) with { Cost = 3 });
        Assert.Equal(14, limiter.Decide(A, 2).Remaining);
        Assert.False(limiter.Decide(A, 5).IsAllowed);
        Assert.Equal(2, limiter.Decide(A, 4).Remaining);
        Assert.Equal(TimeSpan.FromSeconds(1), limiter.Decide(A).RetryAfter);
        Assert.False(limiter.Decide(B, int.MaxValue).IsAllowed);
        Assert.False(Call.Limiter(_time, Call.Bucket("r", 1_000_000) with { Cost = 1_000_000 }).Decide(A, int.MaxValue).IsAllowed);
        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.Decide(A, -1));
    }

    [Fact]
    public void No_permits_ask_what_one_would_be_told_and_take_nothing()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 5) with { Cost = 3 });
        Assert.True(limiter.Decide(A, 0).IsAllowed);
        Assert.Equal(2, limiter.Decide(A).Remaining);
        QuotaDecision probe = limiter.Decide(A, 0);
        Assert.False(probe.IsAllowed);
        Assert.Equal(TimeSpan.FromSeconds(1), probe.RetryAfter);
        Assert.Equal(limiter.Decide(A).RetryAfter, probe.RetryAfter);
        _time.Advance(probe.RetryAfter);
        Assert.True(limiter.Decide(A, 0).IsAllowed);
        Assert.True(limiter.Decide(A).IsAllowed);
    }

    [Fact]
    public void A_rule_in_shadow_mode_counts_and_never_rejects_nor_is_named()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 1) with { Mode = RuleMode.Shadow });
        for (int i = 0; i < 3; i++)
        {
            QuotaDecision decision = limiter.Decide(A);
            Assert.True(decision.IsAllowed);
            Assert.Null(decision.Rule);
        }

        Assert.False(Assert.Single(limiter.Explain(A)).IsAllowed);
    }

    [Fact]
    public void What_one_rule_rejects_costs_nothing_in_the_others_whatever_their_order()
    {
        RateLimitRule blocks = Call.Bucket("blocks", 0);
        RateLimitRule shadow = Call.Bucket("shadow", 5) with { Mode = RuleMode.Shadow };
        RateLimitRule counts = Call.Hour("counts", 5);
        foreach (RateLimitRule[] rules in new[] { [blocks, counts, shadow], new[] { counts, shadow, blocks } })
        {
            QuotaLimiter<Call> limiter = Call.Limiter(_time, rules);
            Assert.False(limiter.Decide(A).IsAllowed);
            Assert.Equal(0, limiter.KeyCount);
            Assert.All(limiter.Explain(A), e => Assert.Equal(e.Rule.Limit, e.Remaining));
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(100)]
    public void Any_number_of_rules_is_asked(int count)
    {
        RateLimitRule[] rules = [.. Enumerable.Range(1, count).Select(i => Call.Bucket($"r{i}", count + 1 - i))];
        QuotaLimiter<Call> limiter = Call.Limiter(_time, rules);
        Assert.True(limiter.Decide(A).IsAllowed);
        Assert.Equal(count, limiter.KeyCount);
        QuotaDecision rejected = limiter.Decide(A);
        Assert.Equal([$"r{count}"], rejected.ViolatedRules);
        Assert.Equal(count - 1, limiter.Explain(A)[0].Remaining);
    }

    [Fact]
    public void Counts_survive_eviction_because_only_keys_with_nothing_counted_are_evicted()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Bucket("r", 5));
        options.MaxKeys = 100;
        QuotaLimiter<Call> limiter = new(options);
        limiter.Decide(A, 5);
        for (int i = 0; i < 1_000; i++)
        {
            limiter.Decide(new Call($"spray{i}"));
            _time.Advance(TimeSpan.FromMilliseconds(20));
            Assert.Equal(Math.Min((i + 1) / 50, 5), Assert.Single(limiter.Explain(A)).Remaining);
        }

        Assert.True(limiter.EvictedKeys > 0);
        Assert.Equal(0, limiter.RefusedKeys);
        Assert.InRange(limiter.KeyCount, 1, 100);
    }

    [Fact]
    public void A_wall_clock_set_back_for_years_neither_blocks_keys_nor_lets_them_go_on_without_limit()
    {
        SteerableTimeProvider time = new();
        QuotaLimiter<Call> limiter = Call.Limiter(time, Call.Hour("r", 3));
        for (int years = 1; years < 5; years++)
        {
            Assert.True(limiter.Decide(A, 3).IsAllowed);
            Assert.False(limiter.Decide(A).IsAllowed);
            time.WallClockOffset = TimeSpan.FromDays(-365 * years);
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.InRange(Enumerable.Range(0, 10).Count(_ => limiter.Decide(A).IsAllowed), 0, 3);
            time.Advance(TimeSpan.FromHours(1));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000_001)]
    public void A_cap_on_keys_out_of_range_is_refused(int maxKeys)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time);
        options.MaxKeys = maxKeys;
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuotaLimiter<Call>(options));
    }

    [Fact]
    public void A_secret_of_another_length_is_refused()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time);
        options.HashSecret = new byte[15];
        Assert.Throws<ArgumentException>(() => new QuotaLimiter<Call>(options));
    }

    [Fact]
    public void A_key_longer_than_the_bound_is_reported_and_leaves_the_limiter_usable()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Bucket("r", 1));
        List<(RateLimitRule Rule, Exception Exception)> told = [];
        options.ErrorHandler = (rule, exception) => told.Add((rule, exception));
        QuotaLimiter<Call> limiter = new(options);
        Assert.True(limiter.Decide(new Call(new string('x', PartitionKeyWriter.MaxLength))).IsAllowed);
        Assert.Equal("r", Assert.Single(told).Rule.Name);
        Assert.IsType<InvalidOperationException>(told[0].Exception);
        Assert.Equal((1, 0), (Assert.Single(limiter.GetRuleCounts()).Failed, limiter.KeyCount));
        Assert.True(limiter.Decide(new Call(new string('x', PartitionKeyWriter.MaxLength - 1))).IsAllowed);
        Assert.False(limiter.Decide(new Call(new string('x', PartitionKeyWriter.MaxLength - 1))).IsAllowed);
    }

    [Fact]
    public void Bad_rules_are_refused_with_everything_that_is_wrong()
    {
        QuotaLimiterOptions<Call> options = Call.Options(
            _time,
            Call.Bucket("r", 1) with { Key = ["ip", "cookie:x"], Limit = -1 },
            Call.Bucket("r", 1) with { Match = new RuleMatch() });
        options.RuleMatcher = _ => throw new InvalidRulesException([new RuleError("$.path", "is strange"), new RuleError("$.hosts[0]", "too")]);
        InvalidRulesException e = Assert.Throws<InvalidRulesException>(() => new QuotaLimiter<Call>(options));
        Assert.Equal(
            [
                ("$.rules[0].limit", "must be from 0 (reject everything) to 10000000 for a window of 1s"),
                ("$.rules[1].name", "the name 'r' is already taken by $.rules[0]"),
                ("$.rules[0].key[1]", "the key part 'cookie:x' is unknown; known are global, ip, path"),
                ("$.rules[1].match.path", "is strange"),
                ("$.rules[1].match.hosts[0]", "too"),
            ],
            e.Errors.Select(error => (error.Path, error.Message)));
        Assert.All(e.Errors, error => Assert.Contains(error.ToString(), e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_match_needs_somebody_who_understands_it()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Bucket("r", 1) with { Match = new RuleMatch() });
        options.RuleMatcher = null;
        InvalidRulesException e = Assert.Throws<InvalidRulesException>(() => new QuotaLimiter<Call>(options));
        Assert.Equal("$.rules[0].match", Assert.Single(e.Errors).Path);
    }

    [Fact]
    public void More_permits_than_a_key_can_hold_are_not_said_to_be_had_at_once()
    {
        foreach (RateLimitAlgorithm algorithm in new[] { RateLimitAlgorithm.TokenBucket, RateLimitAlgorithm.FixedWindow, RateLimitAlgorithm.SlidingWindow })
        {
            QuotaDecision decision = Call.Limiter(new FakeTimeProvider(), Call.By(algorithm, "r", 5)).Decide(new Call("a"), 50);
            Assert.False(decision.IsAllowed);
            Assert.True(decision.RetryAfter > TimeSpan.Zero);
        }
    }

    [Fact]
    public void Counts_of_limiters_that_are_not_used_any_more_are_collected()
    {
        WeakReference<object>[] left = [.. Enumerable.Range(0, 20).Select(_ => UseOne())];
        for (int attempt = 0; attempt < 20 && left.Any(w => w.TryGetTarget(out object? _)); attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.All(left, w => Assert.False(w.TryGetTarget(out object? _)));

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference<object> UseOne()
        {
            OutcomeCounts counts = new();
            counts.Add(OutcomeCounts.DecisionRow, RuleOutcome.Allowed);
            return new WeakReference<object>(counts);
        }
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.FixedWindow, null)]
    [InlineData(RateLimitAlgorithm.SlidingWindow, null)]
    [InlineData(RateLimitAlgorithm.FixedWindow, CalendarPeriod.Day)]
    public void A_wall_clock_that_leaps_to_and_fro_does_not_open_windows_for_good(RateLimitAlgorithm algorithm, CalendarPeriod? calendar)
    {
        SteerableTimeProvider time = new();
        RateLimitRule rule = new()
        {
            Name = "r", Key = ["ip"], Limit = 5, Algorithm = algorithm, Calendar = calendar,
            Window = calendar is null ? TimeSpan.FromSeconds(30) : TimeSpan.Zero,
        };
        QuotaLimiter<Call> limiter = Call.Limiter(time, rule);
        for (int leap = 0; leap < 100; leap++)
        {
            time.WallClockOffset = leap % 2 == 0 ? TimeSpan.FromDays(-365 * 20) : TimeSpan.FromDays(leap * 10);
            time.Advance(TimeSpan.FromSeconds(2));
            Assert.InRange(Enumerable.Range(0, 100).Count(_ => limiter.Decide(new Call("a")).IsAllowed), 0, 5);
        }
    }

    [Fact]
    public void Calendars_hold_at_the_ends_of_time()
    {
        foreach (DateTimeOffset moment in new[] { DateTimeOffset.MinValue.AddDays(3), DateTimeOffset.UnixEpoch.AddSeconds(-1) })
        {
            FakeTimeProvider time = new(moment);
            RateLimitRule rule = new()
            {
                Name = "r", Key = ["ip"], Limit = 5, Algorithm = RateLimitAlgorithm.FixedWindow, Calendar = CalendarPeriod.Month, TimeZone = "America/Sao_Paulo",
            };
            QuotaLimiter<Call> limiter = Call.Limiter(time, rule);
            Assert.Equal(5, Enumerable.Range(0, 9).Count(_ => limiter.Decide(new Call("a")).IsAllowed));
        }
    }
}

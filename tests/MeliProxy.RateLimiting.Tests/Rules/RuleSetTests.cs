using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Rules;

public class RuleSetTests
{
    private static readonly RateLimitRule Good = Call.Bucket("good", 5);

    [Fact]
    public void Rules_are_found_by_exact_name_and_position()
    {
        RuleSet set = new([Good, Good with { Name = "Good" }]);
        Assert.True(set.TryGet("good", out RateLimitRule? rule));
        Assert.Same(Good, rule);
        Assert.False(set.TryGet("GOOD", out _));
        Assert.Equal((2, "Good"), (set.Count, set[1].Name));
        Assert.Equal(["good", "Good"], set.Select(r => r.Name));
        Assert.Empty(RuleSet.Empty);
    }

    [Fact]
    public void A_set_does_not_follow_the_list_it_was_made_from()
    {
        List<RateLimitRule> list = [Good];
        RuleSet set = new(list);
        list.Clear();
        Assert.Single(set);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        InvalidRulesException e = Assert.Throws<InvalidRulesException>(() => new RuleSet(
            [
                Good,
                Good with { Limit = -1, Cost = 0, Window = TimeSpan.FromTicks(1), Burst = 0 },
                null!,
                Good with { Name = null! },
                Good with { Name = new string('x', 65), Key = null! },
                Good with { Name = "k", Key = ["a", null!, "a", "1", "2", "3", "4", "5"] },
                Good with { Name = "l", Key = ["1", "2", "3", "4", "5", "6", "7", "8", "9"] },
                Good with { Name = "m", Algorithm = (RateLimitAlgorithm)9, Scope = (RuleScope)9, Mode = (RuleMode)9, OnMissingKey = (MissingKeyBehavior)9 },
                Good with { Name = "n", OnError = (RuleErrorBehavior)9, Allow = null!, Deny = ["a=b", null!], EnforcePercent = 101, Charge = "?" },
                Good with { Name = "o", Algorithm = (RateLimitAlgorithm)9, Window = default, Calendar = (CalendarPeriod)9, Burst = 0, Queue = new() { Limit = 0, MaxWait = default } },
                Good with { Name = "p", Window = default },
            ]));
        Assert.Equal(
            [
                "$.rules[1].window", "$.rules[1].limit", "$.rules[1].burst", "$.rules[1].cost", "$.rules[1].name",
                "$.rules[2]",
                "$.rules[3].name",
                "$.rules[4].name", "$.rules[4].key",
                "$.rules[5].key[1]", "$.rules[5].key[2]",
                "$.rules[6].key",
                "$.rules[7].algorithm", "$.rules[7].scope", "$.rules[7].mode", "$.rules[7].onMissingKey",
                "$.rules[8].onError", "$.rules[8].charge", "$.rules[8].allow", "$.rules[8].deny[1]", "$.rules[8].enforcePercent",
                "$.rules[9].algorithm", "$.rules[9].calendar", "$.rules[9].burst", "$.rules[9].queue.limit", "$.rules[9].queue.maxWait",
                "$.rules[10].window",
            ],
            e.Errors.Select(error => error.Path));
    }

    [Fact]
    public void The_ends_of_every_range_are_allowed()
    {
        RuleSet set = new(
            [
                Good with { Name = new string('x', 64), Key = ["1", "2", "3", "4", "5", "6", "7", "8"] },
                Good with { Name = "a", Limit = 10_000_000, Window = TimeSpan.FromSeconds(1) },
                Good with { Name = "b", Limit = 10_000, Window = TimeSpan.FromMilliseconds(1) },
                Good with { Name = "c", Limit = 1, Window = TimeSpan.FromDays(366) },
                Good with { Name = "d", Limit = 0, Burst = 7, Cost = 1_000 },
                Good with { Name = "e", Limit = 5, Cost = 5 },
                Good with { Name = "f", Limit = 5, Burst = 9, Cost = 9 },
                Good with { Name = "g", Algorithm = RateLimitAlgorithm.FixedWindow, Limit = 8_388_607, Window = TimeSpan.FromMilliseconds(1_001) },
                Good with { Name = "h", Algorithm = RateLimitAlgorithm.SlidingWindow, Limit = 8_388_607, Window = TimeSpan.FromMilliseconds(1_001) },
                Good with { Name = "i", Algorithm = RateLimitAlgorithm.Concurrency, Limit = 10_000_000, Window = default },
                Calendar("j", CalendarPeriod.Minute, 600_000_000),
                Calendar("k", CalendarPeriod.Month, 274_877_906_943) with { TimeZone = "America/Sao_Paulo" },
                Good with { Name = "l", Limit = 5, Cost = 0, Charge = new string('a', 64) + ":!~" },
                Good with { Name = "m", Queue = new RuleQueue { Limit = 1, MaxWait = TimeSpan.FromMilliseconds(1) }, EnforcePercent = 0 },
                Good with { Name = "n", Queue = new RuleQueue { Limit = 100_000, MaxWait = TimeSpan.FromHours(1) } },
                Good with { Name = "o", Allow = [.. Enumerable.Range(0, 10_000).Select(i => $"part={i}")], Deny = ["part="] },
            ]);
        Assert.Equal(
            [5, 10_000_000, 10_000, 1, 0, 5, 9, 8_388_607, 8_388_607, 10_000_000, 600_000_000, 274_877_906_943, 5, 5, 5, 5],
            set.Select(rule => rule.Capacity));
    }

    [Fact]
    public void A_list_has_an_end()
    {
        RateLimitRule rule = Good with { Deny = [.. Enumerable.Range(0, 10_001).Select(i => $"part={i}")] };
        Assert.Equal(
            [new RuleError("$.rules[0].deny", "must be a list of at most 10000 entries")],
            Assert.Throws<InvalidRulesException>(() => new RuleSet([rule])).Errors);
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("America/Argentina/Buenos_Aires")]
    [InlineData("Etc/GMT+3")]
    public void Time_zones_have_iana_names(string name) =>
        Assert.Equal(name, new RuleSet([Calendar("r", CalendarPeriod.Day, 1) with { TimeZone = name }])[0].TimeZone);

    [Fact]
    public void Overrides_and_the_mode_of_all_belong_to_the_set()
    {
        RuleOverride item = new() { Rule = "good", Key = ["1.2.3.4"], Limit = 0 };
        List<RuleOverride> list = [item];
        RuleSet set = new([Good], list, RuleMode.Shadow);
        list.Clear();
        Assert.Same(item, Assert.Single(set.Overrides));
        Assert.Equal(RuleMode.Shadow, set.Mode);
        Assert.Empty(new RuleSet([Good]).Overrides);
        Assert.Equal(RuleMode.Enforce, new RuleSet([Good]).Mode);
    }

    [Fact]
    public void What_is_wrong_with_rules_overrides_and_mode_is_told_at_once() =>
        Assert.Equal(
            ["$.rules[0].limit", "$.overrides[0].limit", "$.overrides[1].rule", "$.mode"],
            Assert.Throws<InvalidRulesException>(() => new RuleSet(
                [Good with { Limit = -1 }],
                [new() { Rule = "good", Key = ["a"], Limit = -1 }, new() { Rule = "bad", Key = ["a"], Limit = 1 }],
                (RuleMode)9)).Errors.Select(e => e.Path));

    [Fact]
    public void An_error_reads_as_path_and_message()
    {
        RuleError error = new("$.rules[2].limit", "is odd");
        Assert.Equal("$.rules[2].limit: is odd", error.ToString());
        Assert.Equal($"$.rules[2].limit: is odd{Environment.NewLine}$: x", new InvalidRulesException([error, new("$", "x")]).Message);
    }

    private static RateLimitRule Calendar(string name, CalendarPeriod calendar, long limit) =>
        new() { Name = name, Key = ["ip"], Limit = limit, Algorithm = RateLimitAlgorithm.FixedWindow, Calendar = calendar };
}

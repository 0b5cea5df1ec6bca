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
            ]);
        Assert.Equal([5, 10_000_000, 10_000, 1, 0, 5, 9, 8_388_607], set.Select(rule => rule.Capacity));
    }

    [Fact]
    public void An_error_reads_as_path_and_message()
    {
        RuleError error = new("$.rules[2].limit", "is odd");
        Assert.Equal("$.rules[2].limit: is odd", error.ToString());
        Assert.Equal($"$.rules[2].limit: is odd{Environment.NewLine}$: x", new InvalidRulesException([error, new("$", "x")]).Message);
    }
}

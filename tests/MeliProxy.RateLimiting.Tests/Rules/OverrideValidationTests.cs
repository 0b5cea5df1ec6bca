using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Rules;

public class OverrideValidationTests
{
    private static readonly RateLimitRule Bucket = Call.Bucket("bucket", 5) with { Cost = 3 };
    private static readonly RateLimitRule Window = Call.Hour("window", 5) with { Key = ["ip", "path"] };

    private static readonly RateLimitRule Concurrency =
        new() { Name = "concurrency", Key = ["ip"], Limit = 5, Algorithm = RateLimitAlgorithm.Concurrency };

    [Fact]
    public void Limits_in_the_range_of_the_rule_are_allowed() =>
        Assert.Empty(ErrorsOf(
            For(Bucket, "a") with { Limit = 0 },
            For(Bucket, "b") with { Limit = null },
            For(Bucket, "c") with { Limit = 3 },
            For(Bucket, "d") with { Limit = 50_000_000 },
            For(Bucket, "e") with { Limit = 1, Burst = 3 },
            For(Bucket, "") with { ExpiresAt = DateTimeOffset.UnixEpoch },
            For(Window, "a", "b") with { Limit = 36_000_000_000 },
            For(Concurrency, "a") with { Limit = 10_000_000 }));

    [Fact]
    public void A_limit_out_of_the_range_of_the_rule_is_an_error() =>
        Assert.Equal(
            [
                new("$.overrides[0].limit", "must be from 0 (reject everything) to 50000000 for a window of 5s"),
                new("$.overrides[1].limit", "must be from 0 (reject everything) to 50000000 for a window of 5s"),
                new("$.overrides[2].limit", "must be from 0 (reject everything) to 36000000000 for a window of 1h"),
                new("$.overrides[3].limit", "must be from 0 (reject everything) to 10000000"),
            ],
            ErrorsOf(
                For(Bucket, "a") with { Limit = 50_000_001 },
                For(Bucket, "b") with { Limit = -1 },
                For(Window, "a", "b") with { Limit = 36_000_000_001 },
                For(Concurrency, "a") with { Limit = 10_000_001 }));

    [Fact]
    public void A_key_is_no_longer_than_keys_can_be() =>
        Assert.Equal(
            [new("$.overrides[1].key", "must have at most 32768 characters, with one more for each part")],
            ErrorsOf(
                For(Bucket, new string('a', 32_767)) with { Limit = 5 },
                For(Bucket, new string('b', 32_768)) with { Limit = 5 }));

    [Fact]
    public void A_burst_is_for_token_buckets_that_give_something_out() =>
        Assert.Equal(
            [
                new("$.overrides[0].burst", "must be left out where the limit is 0 or unlimited"),
                new("$.overrides[1].burst", "must be left out where the limit is 0 or unlimited"),
                new("$.overrides[2].burst", "only a token-bucket has a burst"),
                new("$.overrides[3].burst", "only a token-bucket has a burst"),
                new("$.overrides[4].burst", "must be from 1 to 31622400: a full burst has to refill within 366d"),
                new("$.overrides[5].burst", "must be from 1 to 31622400: a full burst has to refill within 366d"),
            ],
            ErrorsOf(
                For(Bucket, "a") with { Limit = 0, Burst = 5 },
                For(Bucket, "b") with { Limit = null, Burst = 5 },
                For(Window, "a", "b") with { Burst = 5 },
                For(Concurrency, "a") with { Burst = 5 },
                For(Bucket, "c") with { Limit = 5, Burst = 0 },
                For(Bucket, "d") with { Limit = 5, Burst = 31_622_401 }));

    [Fact]
    public void A_key_that_can_hold_less_than_the_cost_is_an_error() =>
        Assert.Equal(
            [
                new("$.overrides[0].limit", "must be 3 or more, which is the cost of 'bucket'; less could never be allowed"),
                new("$.overrides[1].burst", "must be 3 or more, which is the cost of 'bucket'; less could never be allowed"),
            ],
            ErrorsOf(
                For(Bucket, "a") with { Limit = 2 },
                For(Bucket, "b") with { Limit = 10, Burst = 2 }));

    [Fact]
    public void A_key_has_a_value_for_each_part_of_the_rule() =>
        Assert.Equal(
            [
                new("$.overrides[0].key", "must have a value for each key part of 'window': ip, path"),
                new("$.overrides[1].key", "must have a value for each key part of 'bucket': ip"),
                new("$.overrides[2].key", "must have a value for each key part of 'bucket': ip"),
                new("$.overrides[3].key[1]", "must be a value; use \"\" for a part that is missing"),
            ],
            ErrorsOf(
                For(Window, "a"),
                For(Bucket, "a", "b"),
                For(Bucket) with { Key = null! },
                For(Window, "a", null!)));

    [Fact]
    public void A_rule_that_does_not_exist_is_an_error() =>
        Assert.Equal(
            [
                new("$.overrides[0].rule", "there is no rule 'bukcet'; did you mean 'bucket'?"),
                new("$.overrides[1].rule", "there is no rule 'colour'"),
                new("$.overrides[2].rule", "must be the name of a rule"),
                new("$.overrides[3].rule", "must be the name of a rule"),
                new("$.overrides[4]", "must be an override"),
            ],
            ErrorsOf(
                For(Bucket, "a") with { Rule = "bukcet" },
                For(Bucket, "a") with { Rule = "colour" },
                For(Bucket, "a") with { Rule = null! },
                For(Bucket, "a") with { Rule = "" },
                null!));

    [Fact]
    public void Two_overrides_for_one_key_of_a_rule_are_an_error() =>
        Assert.Equal(
            [new("$.overrides[4]", "the rule 'window' has an override for this key already, $.overrides[0]")],
            ErrorsOf(
                For(Window, "a", "b"),
                For(Window, "b", "a"),
                For(Window, "a|1:b", ""),
                For(Bucket, "a"),
                For(Window, "a", "b") with { Limit = 7 }));

    [Fact]
    public void What_is_wrong_with_a_rule_is_not_told_again_of_its_overrides()
    {
        RateLimitRule broken = Bucket with { Limit = -1, Window = TimeSpan.Zero, Cost = 0, Algorithm = (RateLimitAlgorithm)9 };
        Assert.Empty(ErrorsOf([broken], For(broken, "a") with { Limit = long.MaxValue }));
        Assert.Empty(ErrorsOf([broken with { Key = null! }], For(Bucket, "a", "b")));
        Assert.Empty(ErrorsOf([broken with { Name = "" }, null!], For(Bucket, "a")));
        Assert.Empty(ErrorsOf([Bucket with { Cost = 9 }], For(Bucket, "a") with { Limit = 4 }));
        Assert.Equal(
            ["$.overrides[0].limit"],
            ErrorsOf([broken], For(broken, "a") with { Limit = -1 }).Select(e => e.Path));
    }

    private static RuleOverride For(RateLimitRule rule, params string[] key) => new() { Rule = rule.Name, Key = key, Limit = rule.Limit };

    private static List<RuleError> ErrorsOf(params RuleOverride[] overrides) => ErrorsOf([Bucket, Window, Concurrency], overrides);

    private static List<RuleError> ErrorsOf(RateLimitRule[] rules, params RuleOverride[] overrides)
    {
        List<RuleError> errors = [];
        OverrideValidation.Validate(overrides, rules, "$.overrides", errors);
        return errors;
    }
}

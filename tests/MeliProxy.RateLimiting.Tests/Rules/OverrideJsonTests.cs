using System.Text;
using System.Text.Json;
using CsCheck;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Tests.Algorithms;

namespace MeliProxy.RateLimiting.Tests.Rules;

public class OverrideJsonTests
{
    private const string NotMoment = "must be a date and time with an offset from UTC, such as \"2026-01-31T12:00:00Z\"";

    private static readonly RateLimitRule Rule = Call.Bucket("r", 5);

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        RuleOverride read = Read("""{"rule":"r","key":["203.0.113.7"],"limit":0}""")!;
        Assert.Equal(new RuleOverride { Rule = "r", Key = read.Key, Limit = 0 }, read);
        Assert.Equal(["203.0.113.7"], read.Key);
    }

    [Fact]
    public void Everything_that_is_given_is_read()
    {
        RuleOverride read = Read("""{"rule":"r","key":["a",""],"limit":5,"burst":10,"expiresAt":"2026-01-31T12:00:00+03:00"}""")!;
        Assert.Equal(("r", 5, 10), (read.Rule, read.Limit, read.Burst));
        Assert.Equal(["a", ""], read.Key);
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 9, 0, 0, TimeSpan.Zero), read.ExpiresAt);
        Assert.Null(Read("""{"rule":"r","key":["a"],"limit":"unlimited"}""")!.Limit);
    }

    [Theory]
    [InlineData("""3""", "$.o[0]", "must be an object")]
    [InlineData("""{"key":["a"],"limit":1}""", "$.o[0]", "'rule' is missing")]
    [InlineData("""{"rule":"r","limit":1}""", "$.o[0]", "'key' is missing")]
    [InlineData("""{"rule":"r","key":["a"]}""", "$.o[0]", "'limit' is missing")]
    [InlineData("""{"rule":"r","key":["a"],"limit":null,"burst":5}""", "$.o[0]", "'limit' is missing")]
    [InlineData("""{"rule":1,"key":["a"],"limit":1}""", "$.o[0].rule", "must be a string")]
    [InlineData("""{"rule":"x","key":["a"],"limit":1}""", "$.o[0].rule", "there is no rule 'x'")]
    [InlineData("""{"rule":"r","key":"a","limit":1}""", "$.o[0].key", "must be an array of strings")]
    [InlineData("""{"rule":"r","key":[1],"limit":1}""", "$.o[0].key[0]", "must be a string")]
    [InlineData("""{"rule":"r","key":[null,"b"],"limit":1}""", "$.o[0].key[0]", "must be a string")]
    [InlineData("""{"rule":"r","key":[],"limit":1}""", "$.o[0].key", "must have a value for each key part of 'r': ip")]
    [InlineData("""{"rule":"r","key":["a"],"limit":1.5}""", "$.o[0].limit", "must be a whole number or \"unlimited\"")]
    [InlineData("""{"rule":"r","key":["a"],"limit":"Unlimited"}""", "$.o[0].limit", "must be a whole number or \"unlimited\"")]
    [InlineData("""{"rule":"r","key":["a"],"limit":"\ud800","burst":7}""", "$.o[0].limit", "must be a whole number or \"unlimited\"")]
    [InlineData("""{"rule":"r","key":["a"],"limit":-1}""", "$.o[0].limit", "must be from 0 (reject everything) to 50000000 for a window of 5s")]
    [InlineData("""{"rule":"r","key":["a"],"limit":5,"burst":"x"}""", "$.o[0].burst", "must be a whole number")]
    [InlineData("""{"rule":"r","key":["a"],"limit":0,"burst":5}""", "$.o[0].burst", "must be left out where the limit is 0 or unlimited")]
    [InlineData("""{"rule":"r","key":["a"],"limit":1,"expiresAt":5}""", "$.o[0].expiresAt", "must be a string")]
    [InlineData("""{"rule":"r","key":["a"],"limit":1,"expiresAt":""}""", "$.o[0].expiresAt", NotMoment)]
    [InlineData("""{"rule":"r","key":["a"],"limit":1,"expiresAt":"2026-01-31T12:00:00"}""", "$.o[0].expiresAt", NotMoment)]
    [InlineData("""{"rule":"r","key":["a"],"limit":1,"expiresAt":"2026-01-31T12:00:00+0300"}""", "$.o[0].expiresAt", NotMoment)]
    [InlineData("""{"rule":"r","key":["a"],"limit":1,"expiresAt":"2026-01-31T12:00:00z"}""", "$.o[0].expiresAt", NotMoment)]
    [InlineData("""{"rule":"r","key":["a"],"limit":1,"expiresAt":"2026-02-30T12:00:00Z"}""", "$.o[0].expiresAt", NotMoment)]
    [InlineData("""{"rule":"r","key":["a"],"limit":1,"expiresAt":"0001-01-01T00:00:00+14:00"}""", "$.o[0].expiresAt", NotMoment)]
    [InlineData("""{"rule":"r","key":["a"],"limit":1,"expiresAt":"1h"}""", "$.o[0].expiresAt", NotMoment)]
    [InlineData("""{"rule":"r","key":["a"],"limit":1,"ttl":"1h"}""", "$.o[0].ttl", "is unknown here; known are rule, key, limit, burst, expiresAt")]
    public void One_mistake_is_one_error_with_its_path(string json, string path, string message)
    {
        List<RuleError> errors = [];
        RuleJson.ReadOverrides(Parse($"[{json}]"), [Rule], "$.o", errors);
        Assert.Equal([new RuleError(path, message)], errors);
    }

    [Fact]
    public void All_mistakes_of_a_list_are_told_at_once()
    {
        List<RuleError> errors = [];
        JsonElement json = Parse("""[{"rule":"r","key":["a"],"limit":1},{"rule":"r"},7,{"rule":"r","key":["a"],"limit":"no"},{"rule":"s","key":1,"limit":-1}]""");
        Assert.Equal(5, RuleJson.ReadOverrides(json, [Rule], "$.o", errors).Count);
        Assert.Equal(
            ["$.o[1]", "$.o[1]", "$.o[2]", "$.o[3]", "$.o[3].limit", "$.o[4].key", "$.o[4].rule"],
            errors.Select(e => e.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Reading_alone_finds_what_cannot_be_read()
    {
        List<RuleError> errors = [];
        Assert.Null(RuleJson.ReadOverride(Parse("""{"rule":"r","key":["a"],"limit":true}"""), "$", errors));
        RuleJson.ReadOverrides(Parse("""[{"rule":"r","key":["a"],"limit":-1},{"rule":"r","key":["a"]}]"""), "$.o", errors);
        Assert.Empty(RuleJson.ReadOverrides(Parse("{}"), "$.o", errors));
        Assert.Empty(RuleJson.ReadOverrides(Parse("{}"), [Rule], "$.o", errors));
        Assert.Equal(
            [
                new("$.limit", "must be a whole number or \"unlimited\""),
                new("$.o[1]", "'limit' is missing"),
                new("$.o", "must be an array of overrides"),
                new("$.o", "must be an array of overrides"),
            ],
            errors);
    }

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00+03:00", "2026-01-31T09:00:00Z")]
    [InlineData("2026-01-31T22:00:00.25-03:30", "2026-02-01T01:30:00.25Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z")]
    public void Moments_are_written_in_utc(string text, string written) =>
        Assert.Equal(
            $$"""{"rule":"r","key":["a"],"limit":0,"expiresAt":"{{written}}"}""",
            Write(Read($$"""{"rule":"r","key":["a"],"limit":0,"expiresAt":"{{text}}"}""")!));

    [Fact]
    public void What_is_written_is_read_again() =>
        AnyOverride.Sample(
            item =>
            {
                RuleOverride read = Read(Write(item))!;
                Assert.Equal(item with { Key = read.Key }, read);
                Assert.Equal(item.Key, read.Key);
                Assert.Equal(Write(item), Write(read));
            },
            iter: 2_000);

    private static Gen<RuleOverride> AnyOverride =>
        Gen.Select(AnyRule.Text, AnyRule.Text.Array[0, 8], Gen.Int[0, 2], RuleGen.UpTo(long.MaxValue), Gen.Bool, Gen.DateTimeOffset.Nullable())
            .Select((rule, key, kind, number, hasBurst, expiresAt) => new RuleOverride
            {
                Rule = rule,
                Key = key,
                Limit = kind == 0 ? null : kind == 1 ? 0 : number,
                Burst = hasBurst ? number : null,
                ExpiresAt = expiresAt,
            });

    private static string Write(RuleOverride value)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            RuleJson.WriteOverride(writer, value);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static RuleOverride? Read(string json)
    {
        List<RuleError> errors = [];
        RuleOverride? read = RuleJson.ReadOverride(Parse(json), "$", errors);
        Assert.Empty(errors);
        return read;
    }

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}

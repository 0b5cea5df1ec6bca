using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Tests.Queueing;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Usage;

/// <summary>What is counted by keys, as long as they are few and decisions too: all of it.</summary>
public class TopKeysTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Few_keys_are_told_exactly_the_heaviest_first()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 40), Call.Hour("s", 1_000));
        Decide(limiter, new Call("a"), 10);
        Decide(limiter, new Call("b"), 50);
        Decide(limiter, new Call("c"), 20);
        Assert.Equal(["r b 50 10 0", "r c 20 0 0", "r a 10 0 0"], Told(limiter, "r"));

        // Where another rule rejected, one that agreed does not count, as in RuleCounts.
        Assert.Equal(["s b 40 0 0", "s c 20 0 0", "s a 10 0 0"], Told(limiter, "s"));
        Assert.Equal(["r b 50 10 0", "s b 40 0 0", "r c 20 0 0", "s c 20 0 0", "r a 10 0 0", "s a 10 0 0"], Told(limiter, null));
        Assert.Empty(Told(limiter, "t"));
        Assert.All(limiter.GetRuleCounts(), counts => Assert.Equal(
            (counts.Allowed + counts.Limited, counts.Limited),
            (limiter.GetTopKeys(counts.Rule.Name).Sum(k => k.Hits), limiter.GetTopKeys(counts.Rule.Name).Sum(k => k.Limited))));
    }

    [Fact]
    public void A_key_has_the_texts_of_its_parts_in_order_and_none_for_what_is_missing()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 9) with { Key = ["path", "ip"] });
        Decide(limiter, new Call("a", "/b"), 3);
        Decide(limiter, new Call("", "/ba"), 2);
        Decide(limiter, new Call(null, "/items/MLA1"), 1);
        Assert.Equal([["/b", "a"], ["/ba", ""], ["/items/MLA1", ""]], limiter.GetTopKeys().Select(k => k.Key));
    }

    [Fact]
    public void What_is_over_the_limit_in_shadow_mode_is_limited_too()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("shadow", 3) with { Mode = RuleMode.Shadow }, Call.Hour("tight", 5));
        Decide(limiter, new Call("a"), 10);
        Assert.Equal(["shadow a 10 7 0"], Told(limiter, "shadow"));
        Assert.Equal(["tight a 10 5 0"], Told(limiter, "tight"));
    }

    [Fact]
    public void Lists_and_overrides_count_by_the_key_and_what_is_not_judged_does_not()
    {
        QuotaLimiterOptions<Call> options = Call.Options(
            _time,
            Call.Hour("r", 1_000) with { Deny = ["ip=denied"], Allow = ["ip=exempt"], Match = new RuleMatch { Path = "/" } },
            Call.Hour("fails", 1_000) with { Key = ["fails"], OnError = RuleErrorBehavior.Closed, Match = new RuleMatch { Path = "/fails" } });
        options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["blocked"], Limit = 0 });
        options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["free"], Limit = null });
        options.KeySources.Add("fails", _ => throw new FormatException());
        QuotaLimiter<Call> limiter = new(options);
        Decide(limiter, new Call("denied"), 4);
        Decide(limiter, new Call("blocked"), 3);
        Decide(limiter, new Call("free"), 2);
        Decide(limiter, new Call("exempt"), 1);
        Decide(limiter, new Call("a", "/fails"), 1);
        Decide(limiter, new Call("a", "/elsewhere"), 1);
        Assert.Equal(["r denied 4 4 0", "r blocked 3 3 0", "r free 2 0 0"], Told(limiter, null));
    }

    [Theory]
    [InlineData(KeyCapBehavior.Admit)]
    [InlineData(KeyCapBehavior.Reject)]
    [InlineData(KeyCapBehavior.Overflow)]
    public void Keys_without_room_in_the_table_are_told_by_their_own_text(KeyCapBehavior behavior)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("r", 100));
        options.MaxKeys = 1;
        options.KeyCap = behavior;
        QuotaLimiter<Call> limiter = new(options);
        Decide(limiter, new Call("a"), 4);
        Decide(limiter, new Call("b"), 3);
        Decide(limiter, new Call("c"), 2);
        int limited = behavior == KeyCapBehavior.Reject ? 1 : 0;
        Assert.Equal(["r a 4 0 0", $"r b 3 {3 * limited} 0", $"r c 2 {2 * limited} 0"], Told(limiter, "r"));
    }

    [Fact]
    public void One_who_waits_counts_once_when_the_wait_is_over()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1));
        Call call = new("a");
        limiter.Decide(call);
        Task<QuotaDecision> passes = limiter.Ask(call);
        Assert.Equal(["r a 1 0 0"], Told(limiter, "r"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(passes.Decided().IsAllowed);
        Assert.Equal(["r a 2 0 0"], Told(limiter, "r"));
        Task<QuotaDecision> waits = limiter.Ask(call);
        limiter.Dispose();
        Assert.False(waits.Decided().IsAllowed);
        Assert.Equal(["r a 3 1 0"], Told(limiter, "r"));
    }

    [Fact]
    public void Hits_fade_as_in_a_load_average()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 50));
        Decide(limiter, new Call("a"), 100);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(["r a 37 18 0"], Told(limiter, "r"));
        Decide(limiter, new Call("b"), 30);
        _time.Advance(TimeSpan.FromMinutes(10));
        Decide(limiter, new Call("b"), 10);
        Assert.Equal(["r b 21 0 0", "r a 14 7 0"], Told(limiter, "r"));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Empty(Told(limiter, "r"));
    }

    [Fact]
    public void A_steady_key_shows_its_hits_of_ten_minutes()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 50));
        for (int i = 0; i < 3_600; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            limiter.Decide(new Call("a"));
        }

        Assert.InRange(Assert.Single(limiter.GetTopKeys()).Hits, 590, 610);
    }

    [Fact]
    public void No_more_keys_are_told_than_asked_for()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("r", 50), Call.Hour("s", 50));
        options.TopKeys = 2;
        QuotaLimiter<Call> limiter = new(options);
        for (int i = 1; i <= 9; i++)
        {
            Decide(limiter, new Call($"{i}"), i);
        }

        Assert.Equal(["r 9 9 0 0", "r 8 8 0 0"], Told(limiter, "r"));
        Assert.Equal(["r 9 9 0 0", "s 9 9 0 0", "r 8 8 0 0", "s 8 8 0 0"], Told(limiter, null));
    }

    [Fact]
    public void With_no_top_keys_nothing_is_kept()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("r", 5));
        options.TopKeys = 0;
        QuotaLimiter<Call> limiter = new(options);
        Decide(limiter, new Call("a"), 10);
        limiter.Update(new RuleSet([Call.Hour("r", 5)]));
        Assert.Empty(limiter.GetTopKeys());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(QuotaLimiterOptions<Call>.MaxTopKeys + 1)]
    public void A_number_out_of_range_is_refused(int topKeys)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time);
        options.TopKeys = topKeys;
        Assert.Equal("TopKeys", Assert.Throws<ArgumentOutOfRangeException>(() => new QuotaLimiter<Call>(options)).ParamName);
    }

    [Fact]
    public void A_source_that_says_something_else_the_second_time_gives_no_key_a_wrong_text()
    {
        int asked = 0;
        int askedToThrow = 0;
        QuotaLimiterOptions<Call> options = Call.Options(
            _time, Call.Hour("changes", 100) with { Key = ["changes"] }, Call.Hour("throws", 100) with { Key = ["throws"] }, Call.Hour("r", 100));
        options.KeySources.Add("changes", _ => $"{asked++}");
        options.KeySources.Add("throws", _ => askedToThrow++ % 2 == 1 ? throw new FormatException() : "a");
        QuotaLimiter<Call> limiter = new(options);
        Decide(limiter, new Call("a"), 10);
        Assert.Equal(["r a 10 0 0"], Told(limiter, null));
    }

    internal static void Decide(QuotaLimiter<Call> limiter, Call call, int times)
    {
        for (int i = 0; i < times; i++)
        {
            limiter.Decide(call);
        }
    }

    internal static IEnumerable<string> Told(QuotaLimiter<Call> limiter, string? rule) =>
        limiter.GetTopKeys(rule).Select(k => $"{k.Rule} {string.Join(',', k.Key)} {k.Hits} {k.Limited} {k.Error}");
}

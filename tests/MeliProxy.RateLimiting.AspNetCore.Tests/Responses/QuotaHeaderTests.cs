using System.Net;
using MeliProxy.RateLimiting.AspNetCore.Responses;
using MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Responses;

public sealed class QuotaHeaderTests
{
    public static TheoryData<RateLimitRule, string> Policies => new()
    {
        { AnyRule.Of("day", 5), "\"day\";q=5;w=86400" },
        { AnyRule.Of("short", 5) with { Window = TimeSpan.FromMilliseconds(200) }, "\"short\";q=25;w=1" },
        { AnyRule.Of("month", 5) with { Window = TimeSpan.Zero, Calendar = CalendarPeriod.Month }, "\"month\";q=5;w=2678400" },
        { AnyRule.Concurrency(5), "\"at-once\";q=5;qu=\"concurrent-requests\"" },
        { AnyRule.Concurrency(0), "\"at-once\";q=0;qu=\"concurrent-requests\"" },
        { AnyRule.Charged("response-bytes"), "\"charged\";q=1000000;qu=\"content-bytes\";w=86400" },
        { AnyRule.Charged("response-bytes") with { Cost = 1 }, "\"charged\";q=1000000;w=86400" },
        { AnyRule.Charged("tokens"), "\"charged\";q=1000000;w=86400" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_policy_tells_quota_unit_and_window(RateLimitRule rule, string expected) =>
        Assert.Equal(expected, RuleResponse.Of(rule).Policy.ToString());

    [Fact]
    public void A_standing_tells_a_time_only_where_there_is_a_window()
    {
        QuotaStanding standing = new(3, TimeSpan.FromSeconds(1.5), TimeSpan.Zero);

        Assert.Equal("\"day\";r=3;t=2", RuleResponse.Of(AnyRule.Of("day", 5)).FormatStanding(standing).ToString());
        Assert.Equal(
            "\"at-once\";r=3", RuleResponse.Of(AnyRule.Concurrency(5)).FormatStanding(standing with { ResetAfter = default }).ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_is_rejected_for_no_known_time_is_told_to_wait_a_second(bool isDenied)
    {
        RateLimitRule rule = isDenied ? AnyRule.Concurrency(5) with { Deny = ["method=GET"] } : AnyRule.Concurrency(0);
        await using LoopbackApp app = await LoopbackApp.StartAsync(
            builder => builder.Services.AddQuotaLimiter(options => options.Rules.Add(rule)),
            app =>
            {
                app.UseQuotaLimiter();
                app.MapGet("/", () => "hello");
            });

        using HttpResponseMessage rejected = await app.GetAsync("/");

        Assert.Equal(HttpStatusCode.TooManyRequests, rejected.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), rejected.Headers.RetryAfter!.Delta);
        Assert.Equal("\"at-once\";q=0;qu=\"concurrent-requests\"", Assert.Single(rejected.Headers.GetValues("RateLimit-Policy")));
        Assert.Equal("\"at-once\";r=0", Assert.Single(rejected.Headers.GetValues("RateLimit")));
    }
}

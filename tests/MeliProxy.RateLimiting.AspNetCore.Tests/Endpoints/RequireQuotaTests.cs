using System.Buffers;
using System.Net;
using System.Text.Json;
using MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Endpoints;

public sealed class RequireQuotaTests
{
    private const HttpStatusCode Ok = HttpStatusCode.OK;
    private const HttpStatusCode Over = HttpStatusCode.TooManyRequests;

    [Fact]
    public async Task A_rule_for_endpoints_counts_those_that_require_it_and_no_others()
    {
        await using LoopbackApp app = await StartAsync([AnyRule.ForEndpoints("few", 2)], map =>
        {
            map.MapGet("/limited", () => "hello").RequireQuota("few");
            map.MapGet("/free", () => "hello");
        });

        Assert.Equal([Ok, Ok, Over], await app.GetManyAsync("/limited", 3));
        Assert.Equal([Ok, Ok, Ok], await app.GetManyAsync("/free", 3));
        using HttpResponseMessage unknown = await app.GetAsync("/nowhere");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task What_a_group_an_endpoint_and_its_handler_require_adds_up()
    {
        await using LoopbackApp app = await StartAsync(
            [AnyRule.ForEndpoints("of-group", 9), AnyRule.ForEndpoints("of-endpoint", 9), AnyRule.ForEndpoints("of-handler", 9)],
            map => map.MapGroup("/group").RequireQuota("of-group")
                .MapGet("/item", [RequireQuota("of-handler")] () => "hello").RequireQuota("of-endpoint"));

        await app.GetManyAsync("/group/item", 2);

        Assert.All(app.Limiter.GetRuleCounts(), counts => Assert.Equal(2, counts.Allowed));
    }

    [Fact]
    public async Task An_application_does_not_start_if_an_endpoint_requires_a_rule_that_is_unknown()
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(
            [AnyRule.ForEndpoints("few", 2), AnyRule.Of("day", 9)], map => map.MapGet("/items", () => "hello").RequireQuota("fwe")));

        Assert.Equal("the endpoint 'HTTP: GET /items' requires the rule 'fwe', which is unknown; known are few, day", exception.Message);
    }

    [Fact]
    public async Task An_application_does_not_start_if_an_endpoint_requires_a_rule_that_is_for_all_requests()
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(
            [AnyRule.Of("day", 9)], map => map.MapGet("/items", () => "hello").RequireQuota("day")));

        Assert.Contains("'day', which is for all requests; give it match.endpoint", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("rule", "")]
    public void A_requirement_names_rules(params string[] rules) =>
        Assert.Throws<ArgumentException>(() => new RequireQuotaAttribute(rules));

    [Fact]
    public void A_rule_for_endpoints_is_written_and_read_as_json()
    {
        RateLimitRule rule = AnyRule.ForEndpoints("few", 2);
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            RuleJson.WriteRule(writer, rule);
        }

        List<RuleError> errors = [];
        RateLimitRule? read = RuleJson.ReadRule(JsonElement.Parse(buffer.WrittenSpan), "$", errors);

        Assert.Empty(errors);
        Assert.True(read!.Match!.Endpoint);
    }

    private static Task<LoopbackApp> StartAsync(IEnumerable<RateLimitRule> rules, Action<IEndpointRouteBuilder> map) =>
        LoopbackApp.StartAsync(
            builder => builder.Services.AddQuotaLimiter(options =>
            {
                foreach (RateLimitRule rule in rules)
                {
                    options.Rules.Add(rule);
                }
            }),
            app =>
            {
                app.UseQuotaLimiter();
                map(app);
            });
}

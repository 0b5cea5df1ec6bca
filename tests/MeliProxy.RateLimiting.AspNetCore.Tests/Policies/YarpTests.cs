using System.Net;
using MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Policies;

public sealed class YarpTests
{
    private static readonly HttpStatusCode[] TwoPass = [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests];

    [Fact]
    public async Task A_route_names_the_quota_as_its_rate_limiter_policy()
    {
        int reached = 0;
        await using LoopbackApp upstream = await UpstreamAsync(() => Interlocked.Increment(ref reached));
        await using LoopbackApp proxy = await LoopbackApp.StartAsync(
            builder =>
            {
                builder.Services.AddQuotaLimiter(options => options.Rules.Add(AnyRule.Of("few", 2)));
                builder.Services.AddRateLimiter(options => options.AddQuotaPolicy("quota"));
                AddProxy(builder, upstream);
            },
            app =>
            {
                app.UseRateLimiter();
                app.MapReverseProxy();
            });

        Assert.Equal(TwoPass, await proxy.GetManyAsync("/limited", 3));
        Assert.Equal(2, reached);
        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, await proxy.GetManyAsync("/free", 3));
        Assert.Equal(5, reached);
    }

    [Fact]
    public async Task Routes_require_quotas_and_are_charged_for_what_upstream_answers()
    {
        await using LoopbackApp upstream = await UpstreamAsync(() => 0);
        await using LoopbackApp proxy = await LoopbackApp.StartAsync(
            builder =>
            {
                builder.Services.AddQuotaLimiter(options =>
                {
                    options.Rules.Add(AnyRule.ForEndpoints("few", 2));
                    options.Rules.Add(AnyRule.Charged("response-bytes"));
                });
                builder.Services.AddRateLimiter(options => options.AddQuotaPolicy("quota"));
                AddProxy(builder, upstream);
            },
            app =>
            {
                app.UseQuotaLimiter();
                app.MapReverseProxy().RequireQuota("few");
            });

        Assert.Equal(TwoPass, await proxy.GetManyAsync("/free", 3));
        await proxy.StopAsync();
        Assert.Equal(1_000_000 - (2 * "hello".Length), proxy.Remaining("charged"));
    }

    private static Task<LoopbackApp> UpstreamAsync(Func<int> reached) => LoopbackApp.StartAsync(_ => { }, app => app.Run(context =>
    {
        reached();
        return context.Response.WriteAsync("hello");
    }));

    private static void AddProxy(WebApplicationBuilder builder, LoopbackApp upstream) => builder.Services.AddReverseProxy().LoadFromMemory(
        [
            Route("limited") with { RateLimiterPolicy = "quota" },
            Route("free"),
        ],
        [
            new ClusterConfig
            {
                ClusterId = "upstream",
                Destinations = new Dictionary<string, DestinationConfig>
                {
                    ["one"] = new() { Address = upstream.Client.BaseAddress!.ToString() },
                },
            },
        ]);

    private static RouteConfig Route(string name) =>
        new() { RouteId = name, ClusterId = "upstream", Match = new RouteMatch { Path = $"/{name}" } };
}

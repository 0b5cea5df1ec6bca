using System.Threading.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Polly;
using Polly.RateLimiting;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Policies;

/// <summary>The quota limiter in a resilience pipeline, for calls that a program makes.</summary>
public sealed class PollyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pipeline_takes_its_leases_and_tells_when_to_retry()
    {
        int reached = 0;
        await using LoopbackApp upstream = await LoopbackApp.StartAsync(_ => { }, app => app.Run(context =>
        {
            Interlocked.Increment(ref reached);
            return context.Response.WriteAsync("hello");
        }));
        using QuotaLimiter<string> limiter = LimiterOf(AnyRule.Of("by-tenant", 2) with { Key = ["tenant"] });
        ResiliencePipeline pipeline = PipelineOf(limiter, "acme");

        Assert.Equal("hello", await CallAsync());
        Assert.Equal("hello", await CallAsync());
        RateLimiterRejectedException rejected = await Assert.ThrowsAsync<RateLimiterRejectedException>(CallAsync);

        Assert.Equal(2, reached);
        Assert.InRange(rejected.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromDays(1));
        Assert.Equal(2, Assert.Single(limiter.Explain("other")).Remaining);

        Task<string> CallAsync() =>
            pipeline.ExecuteAsync(async cancel => await upstream.Client.GetStringAsync("/", cancel), Stop).AsTask();
    }

    [Fact]
    public async Task A_pipeline_releases_concurrency_when_the_call_is_over()
    {
        using QuotaLimiter<string> limiter = LimiterOf(AnyRule.Concurrency(1));
        ResiliencePipeline pipeline = PipelineOf(limiter, "acme");

        await pipeline.ExecuteAsync(
            async _ => await Assert.ThrowsAsync<RateLimiterRejectedException>(() => pipeline.ExecuteAsync(_ => default, Stop).AsTask()), Stop);
        await pipeline.ExecuteAsync(_ => default, Stop);
    }

    private static QuotaLimiter<string> LimiterOf(RateLimitRule rule)
    {
        QuotaLimiterOptions<string> options = new() { Rules = { rule } };
        options.KeySources.Add("tenant", tenant => tenant);
        return new QuotaLimiter<string>(options);
    }

    private static ResiliencePipeline PipelineOf(PartitionedRateLimiter<string> limiter, string tenant) => new ResiliencePipelineBuilder()
        .AddRateLimiter(new RateLimiterStrategyOptions
        {
            RateLimiter = arguments => limiter.AcquireAsync(tenant, 1, arguments.Context.CancellationToken),
        })
        .Build();
}

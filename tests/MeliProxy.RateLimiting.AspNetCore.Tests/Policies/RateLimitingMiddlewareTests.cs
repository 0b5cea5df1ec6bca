using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.Policies;
using MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Policies;

/// <summary>The quota limiter in ASP.NET Core's own rate limiting middleware.</summary>
public sealed class RateLimitingMiddlewareTests
{
    private const HttpStatusCode Ok = HttpStatusCode.OK;
    private const HttpStatusCode Over = HttpStatusCode.TooManyRequests;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_a_global_limiter_as_it_is()
    {
        await using LoopbackApp app = await StartAsync(
            [AnyRule.Of("few", 2)],
            (options, limiter) =>
            {
                options.GlobalLimiter = limiter;
                options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            });

        Assert.Equal([Ok, Ok, Over, Over], await app.GetManyAsync("/", 4));
    }

    [Fact]
    public async Task As_global_limiter_it_charges_nothing_for_what_it_rejects()
    {
        await using LoopbackApp app = await StartAsync(
            [AnyRule.Of("many", 100), AnyRule.Of("few", 1)], (options, limiter) => options.GlobalLimiter = limiter);

        await app.GetManyAsync("/", 6);

        Assert.Equal(99, app.Remaining("many"));
    }

    [Fact]
    public async Task The_frameworks_middleware_charges_a_global_limiter_twice_for_what_an_endpoint_limiter_rejects()
    {
        using PartitionedRateLimiter<HttpContext> global = PartitionedRateLimiter.Create<HttpContext, int>(
            _ => RateLimitPartition.GetFixedWindowLimiter(0, _ => new() { PermitLimit = 100, Window = TimeSpan.FromDays(1) }));
        await using LoopbackApp app = await LoopbackApp.StartAsync(
            builder => builder.Services.AddRateLimiter(options =>
            {
                options.GlobalLimiter = global;
                options.AddFixedWindowLimiter("few", limiter =>
                {
                    limiter.PermitLimit = 1;
                    limiter.Window = TimeSpan.FromDays(1);
                });
            }),
            app =>
            {
                app.UseRateLimiter();
                app.MapGet("/", () => "hello").RequireRateLimiting("few");
            });

        // One is allowed and takes one permit. One is rejected, and takes two.
        await app.GetManyAsync("/", 2);

        Assert.Equal(97, global.GetStatistics(new DefaultHttpContext())!.CurrentAvailablePermits);
    }

    [Fact]
    public async Task As_policy_it_limits_the_endpoints_that_name_it_and_answers_as_its_own_middleware_does()
    {
        await using LoopbackApp app = await StartAsync([AnyRule.Of("few", 2)], (options, _) => options.AddQuotaPolicy("quota"));

        Assert.Equal([Ok, Ok, Ok], await app.GetManyAsync("/free", 3));
        using (HttpResponseMessage allowed = await app.GetAsync("/"))
        {
            Assert.StartsWith("\"few\";r=1;t=", Assert.Single(allowed.Headers.GetValues("RateLimit")), StringComparison.Ordinal);
        }

        Assert.Equal([Ok, Over, Over], await app.GetManyAsync("/", 3));
        using HttpResponseMessage rejected = await app.GetAsync("/");
        Assert.Equal("\"few\";q=2;w=86400", Assert.Single(rejected.Headers.GetValues("RateLimit-Policy")));
        Assert.InRange(rejected.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Assert.Contains("quota-exceeded", await rejected.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        RuleCounts counts = Assert.Single(app.Limiter.GetRuleCounts());
        Assert.Equal((2, 3), (counts.Allowed, counts.Limited));
    }

    [Fact]
    public async Task As_policy_it_tells_keys_apart_by_its_rules()
    {
        await using LoopbackApp app = await StartAsync(
            [AnyRule.Of("by-tenant", 1) with { Key = ["query:tenant"] }, AnyRule.Of("all", 4)],
            (options, _) => options.AddQuotaPolicy("quota"));

        Assert.Equal([Ok, Over], await app.GetManyAsync("/?tenant=a", 2));
        Assert.Equal([Ok, Over], await app.GetManyAsync("/?tenant=b", 2));
        Assert.Equal(2, app.Remaining("all"));
    }

    [Fact]
    public async Task As_policy_it_releases_concurrency_when_requests_have_been_served()
    {
        TaskCompletionSource served = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using LoopbackApp app = await StartAsync(
            [AnyRule.Concurrency(1)], (options, limiter) => options.AddQuotaPolicy("quota", limiter), served.Task);

        Task<HttpResponseMessage> first = app.GetAsync("/");
        await Eventually.TrueAsync(() => app.Remaining("at-once") == 0);
        Assert.Equal([Over], await app.GetManyAsync("/", 1));
        served.SetResult();
        (await first).Dispose();

        await Eventually.TrueAsync(() => app.Remaining("at-once") == 1);
        Assert.Equal([Ok], await app.GetManyAsync("/", 1));
    }

    [Fact]
    public async Task As_policy_it_lets_the_application_make_charges()
    {
        await using LoopbackApp app = await LoopbackApp.StartAsync(
            builder => builder.Services
                .AddQuotaLimiter(options => options.Rules.Add(AnyRule.Charged("tokens")))
                .AddRateLimiter(options => options.AddQuotaPolicy("quota")),
            app =>
            {
                app.UseRateLimiter();
                app.MapGet("/", (HttpContext context) => context.GetQuotaDecision().Charge("tokens", 250)).RequireRateLimiting("quota");
            });

        await app.GetManyAsync("/", 2);

        Assert.Equal(1_000_000 - 500, app.Remaining("charged"));
    }

    [Fact]
    public async Task The_framework_forgets_the_requests_that_it_took_for_keys()
    {
        QuotaLimiterOptions<HttpContext> quota = HttpQuota.CreateOptions(new(new()));
        quota.Rules.Add(AnyRule.Of("day", 100_000));
        using QuotaLimiter<HttpContext> limiter = new(quota);
        QuotaPolicy policy = new(_ => limiter);
        using PartitionedRateLimiter<HttpContext> framework =
            PartitionedRateLimiter.Create<HttpContext, HttpContext>(policy.GetPartition);
        WeakReference request = Acquire(framework);

        await Eventually.TrueAsync(() =>
        {
            GC.Collect();
            return !request.IsAlive;
        });

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Acquire(PartitionedRateLimiter<HttpContext> framework)
        {
            DefaultHttpContext context = new();
            using RateLimitLease lease = framework.AttemptAcquire(context);
            Assert.True(lease.IsAcquired);
            return new WeakReference(context);
        }
    }

    private static Task<LoopbackApp> StartAsync(
        IEnumerable<RateLimitRule> rules, Action<RateLimiterOptions, QuotaLimiter<HttpContext>> configure, Task? served = null) =>
        LoopbackApp.StartAsync(
            builder =>
            {
                builder.Services.AddQuotaLimiter(options =>
                {
                    foreach (RateLimitRule rule in rules)
                    {
                        options.Rules.Add(rule);
                    }
                });
                builder.Services.AddRateLimiter(_ => { });
                builder.Services.AddOptions<RateLimiterOptions>().Configure(configure);
            },
            app =>
            {
                bool isGlobal = app.Services.GetRequiredService<IOptions<RateLimiterOptions>>().Value.GlobalLimiter is not null;
                app.UseRateLimiter();
                RouteHandlerBuilder endpoint = app.MapGet("/", async () =>
                {
                    await (served ?? Task.CompletedTask);
                    return "hello";
                });
                if (!isGlobal)
                {
                    endpoint.RequireRateLimiting("quota");
                }

                app.MapGet("/free", () => "hello");
            });
}

using System.Net;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.AspNetCore.Tests;

public sealed class QuotaLimiterMiddlewareTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Where_nothing_is_left_to_settle_the_next_ones_task_is_handed_on()
    {
        using QuotaLimiter<HttpContext> limiter = LimiterOf(AnyRule.Of("day", 5));
        Task served = new TaskCompletionSource().Task;
        QuotaLimiterMiddleware middleware = MiddlewareOf(limiter, _ => served);
        DefaultHttpContext context = new();

        Assert.Same(served, middleware.InvokeAsync(context));
        Assert.Equal("\"day\";q=5;w=86400", context.Response.Headers["RateLimit-Policy"].ToString());
    }

    [Fact]
    public async Task Permits_of_concurrency_are_held_while_a_request_is_served_and_come_back_when_it_has_been()
    {
        TaskCompletionSource served = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using LoopbackApp app = await StartAsync(_ => served.Task);

        Task<HttpResponseMessage> first = app.GetAsync("/");
        await Eventually.TrueAsync(() => app.Remaining("at-once") == 0);
        using (HttpResponseMessage second = await app.GetAsync("/"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        }

        served.SetResult();
        (await first).Dispose();
        await Eventually.TrueAsync(() => app.Remaining("at-once") == 1);
        using HttpResponseMessage third = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
        Assert.Equal("\"at-once\";r=0", Assert.Single(third.Headers.GetValues("RateLimit")));
    }

    [Fact]
    public async Task Permits_of_concurrency_come_back_when_serving_fails()
    {
        await using LoopbackApp app = await StartAsync(_ => throw new InvalidOperationException("no"));

        Assert.Equal(Enumerable.Repeat(HttpStatusCode.InternalServerError, 3), await app.GetManyAsync("/", 3));
        await Eventually.TrueAsync(() => app.Remaining("at-once") == 1);
    }

    [Fact]
    public async Task Permits_of_concurrency_come_back_when_the_client_goes_away()
    {
        await using LoopbackApp app = await StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        Task<HttpResponseMessage> request = app.Client.GetAsync("/", gone.Token);
        await Eventually.TrueAsync(() => app.Remaining("at-once") == 0);
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Eventually.TrueAsync(() => app.Remaining("at-once") == 1);
    }

    [Fact]
    public async Task Where_requests_may_wait_those_that_need_not_are_served_and_settled()
    {
        using QuotaLimiter<HttpContext> limiter = LimiterOf(AnyRule.Charged("tokens") with { Queue = OneForASecond }, AnyRule.Concurrency(1));
        QuotaLimiterMiddleware middleware = MiddlewareOf(limiter, context =>
        {
            Assert.Equal([1_000_000, 0], limiter.Explain(context).Select(e => e.Remaining));
            context.GetQuotaDecision().Charge("tokens", 250);
            return Task.CompletedTask;
        });
        DefaultHttpContext context = new();

        await middleware.InvokeAsync(context);

        Assert.Equal([1_000_000 - 250, 1], limiter.Explain(context).Select(e => e.Remaining));
    }

    [Fact]
    public async Task Where_requests_may_wait_one_whose_client_has_gone_is_not_served()
    {
        using QuotaLimiter<HttpContext> limiter = LimiterOf(AnyRule.Of("day", 5) with { Queue = OneForASecond });
        QuotaLimiterMiddleware middleware = MiddlewareOf(limiter, _ => throw new InvalidOperationException("served"));
        DefaultHttpContext context = new() { RequestAborted = new CancellationToken(canceled: true) };

        await middleware.InvokeAsync(context);

        Assert.Equal(5, Assert.Single(limiter.Explain(context)).Remaining);
    }

    [Fact]
    public async Task The_first_request_of_a_shared_key_waits_a_moment_for_its_lease()
    {
        FakeTimeProvider time = new();
        QuotaLimiterOptions<HttpContext> options = HttpQuota.CreateOptions(new ClientAddressResolver(new ClientIpOptions()));
        options.TimeProvider = time;
        options.Sharing = new QuotaSharing();
        options.Rules.Add(AnyRule.Of("day", 5) with { Scope = RuleScope.Shared, ColdStart = ColdStartBehavior.Wait });
        using QuotaLimiter<HttpContext> limiter = new(options);
        DefaultHttpContext context = new();

        Task answer = MiddlewareOf(limiter, _ => throw new InvalidOperationException("served")).InvokeAsync(context);

        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(250));
        await answer;
        Assert.Equal(StatusCodes.Status429TooManyRequests, context.Response.StatusCode);
    }

    [Fact]
    public async Task A_request_that_one_rule_rejects_is_charged_to_none_of_the_others()
    {
        await using LoopbackApp app = await LoopbackApp.StartAsync(
            builder => builder.Services.AddQuotaLimiter(options =>
            {
                options.Rules.Add(AnyRule.Of("many", 100));
                options.Rules.Add(AnyRule.Of("few", 1));
            }),
            app =>
            {
                app.UseQuotaLimiter();
                app.Run(context => context.Response.WriteAsync("hello"));
            });

        await app.GetManyAsync("/", 6);

        Assert.Equal(99, app.Remaining("many"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_rejection_is_answered_with_what_is_kept(int rules)
    {
        using QuotaLimiter<HttpContext> limiter = LimiterOf([.. Enumerable.Range(1, rules).Select(i => AnyRule.Of($"day{i}", 1))]);
        DefaultHttpContext context = new();
        QuotaLimiterMiddleware middleware = MiddlewareOf(limiter, _ => Task.CompletedTask);
        Assert.True(middleware.InvokeAsync(context).IsCompletedSuccessfully);

        long bytes = Allocation.Of(() => Assert.True(middleware.InvokeAsync(context).IsCompletedSuccessfully));

        // The dictionary of headers here keeps a length as text, which Kestrel's does not.
        Assert.Equal(StatusCodes.Status429TooManyRequests, context.Response.StatusCode);
        Assert.Equal("86400", context.Response.Headers.RetryAfter);
        Assert.InRange(bytes / 1000, 0, 40);
    }

    private static RuleQueue OneForASecond => new() { Limit = 1, MaxWait = TimeSpan.FromSeconds(1) };

    private static QuotaLimiter<HttpContext> LimiterOf(params RateLimitRule[] rules)
    {
        QuotaLimiterOptions<HttpContext> options = HttpQuota.CreateOptions(new ClientAddressResolver(new ClientIpOptions()));
        options.TimeProvider = new FakeTimeProvider();
        foreach (RateLimitRule rule in rules)
        {
            options.Rules.Add(rule);
        }

        return new QuotaLimiter<HttpContext>(options);
    }

    private static QuotaLimiterMiddleware MiddlewareOf(QuotaLimiter<HttpContext> limiter, RequestDelegate serve) =>
        new(serve, limiter, NullLogger.Instance, new FakeTimeProvider());

    /// <summary>One request at a time.</summary>
    private static Task<LoopbackApp> StartAsync(RequestDelegate serve) => LoopbackApp.StartAsync(
        builder => builder.Services.AddQuotaLimiter(options => options.Rules.Add(AnyRule.Concurrency(1))),
        app =>
        {
            app.UseQuotaLimiter();
            app.Run(serve);
        });
}

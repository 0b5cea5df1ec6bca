using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore;
using MeliProxy.RateLimiting.AspNetCore.Endpoints;
using MeliProxy.RateLimiting.AspNetCore.Registration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts the quota limiter into an application's request pipeline.</summary>
public static class QuotaLimiterApplicationBuilderExtensions
{
    /// <summary>
    /// Adds the limiter registered by
    /// <see cref="QuotaLimiterServiceCollectionExtensions.AddQuotaLimiter(IServiceCollection, Action{QuotaLimiterOptions{HttpContext}})"/>.
    /// Requests that pass carry <c>RateLimit</c> and <c>RateLimit-Policy</c> headers in their answers; others are answered 429 with
    /// <c>Retry-After</c> and problem details. Where rules count by claims, place it after authentication.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The application.</returns>
    /// <remarks>
    /// It settles decisions when a request has been served, however that ends: releases the permits of concurrency, and makes the charges
    /// <c>response-bytes</c> and <c>request-bytes</c> (what the application wrote and read of bodies; nothing for HEAD, and nothing of
    /// connections that were upgraded, such as WebSockets) and <c>response-header:NAME</c> (a whole number there; others are ignored and
    /// logged). Charges of other names are the application's, by <see cref="QuotaHttpContextExtensions.GetQuotaDecision"/>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// The limiter was not registered; or, when the application starts, an endpoint requires a rule that is unknown or not for endpoints.
    /// </exception>
    public static IApplicationBuilder UseQuotaLimiter(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        IServiceProvider services = app.ApplicationServices;
        QuotaLimiter<HttpContext> limiter = services.GetService<QuotaLimiter<HttpContext>>()
            ?? throw new InvalidOperationException($"call services.{nameof(QuotaLimiterServiceCollectionExtensions.AddQuotaLimiter)} first");
        ILogger logger = RegisteredLimiter.LoggerOf(services);
        TimeProvider time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        return app.Use(next =>
        {
            ThrowIfUnmet(services.GetService<EndpointDataSource>(), limiter);
            return new QuotaLimiterMiddleware(next, limiter, logger, time).InvokeAsync;
        });
    }

    /// <summary>When the pipeline is built, at the start, endpoints are known.</summary>
    private static void ThrowIfUnmet(EndpointDataSource? endpoints, QuotaLimiter<HttpContext> limiter)
    {
        string[] unmet = endpoints is null ? [] : [.. EndpointRequirements.FindUnmet(endpoints.Endpoints, limiter.Rules)];
        if (unmet.Length > 0)
        {
            throw new InvalidOperationException(string.Join(Environment.NewLine, unmet));
        }
    }
}

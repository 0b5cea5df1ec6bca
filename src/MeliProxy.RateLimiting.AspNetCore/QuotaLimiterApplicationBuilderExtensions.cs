using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts the quota limiter into an application's request pipeline.</summary>
public static class QuotaLimiterApplicationBuilderExtensions
{
    /// <summary>
    /// Adds the limiter registered by <see cref="QuotaLimiterServiceCollectionExtensions.AddQuotaLimiter"/>. Requests that pass carry
    /// <c>RateLimit</c> and <c>RateLimit-Policy</c> headers in their answers; others are answered 429 with <c>Retry-After</c> and problem
    /// details. Where rules count by claims, place it after authentication.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The application.</returns>
    /// <exception cref="InvalidOperationException">The limiter was not registered.</exception>
    public static IApplicationBuilder UseQuotaLimiter(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        QuotaLimiter<HttpContext> limiter = app.ApplicationServices.GetService<QuotaLimiter<HttpContext>>()
            ?? throw new InvalidOperationException($"call services.{nameof(QuotaLimiterServiceCollectionExtensions.AddQuotaLimiter)} first");
        return app.Use(next => new QuotaLimiterMiddleware(next, limiter).InvokeAsync);
    }
}

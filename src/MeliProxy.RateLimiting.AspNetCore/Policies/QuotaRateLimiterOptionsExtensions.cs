using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.Policies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.RateLimiting;

/// <summary>Makes the quota limiter a policy of ASP.NET Core's rate limiting middleware, which YARP's routes can name too.</summary>
public static class QuotaRateLimiterOptionsExtensions
{
    /// <summary>Adds a policy by which the application's registered quota limiter decides.</summary>
    /// <param name="options">The options of <c>AddRateLimiter</c>.</param>
    /// <param name="policyName">The policy's name, for <c>RequireRateLimiting</c> or a YARP route's <c>RateLimiterPolicy</c>.</param>
    /// <returns>The options.</returns>
    /// <exception cref="ArgumentException">There is a policy of this name.</exception>
    /// <remarks>
    /// Answers are the same as those of <c>UseQuotaLimiter</c>, and concurrency is released when a request has been served. Charges for
    /// bytes and headers are not made. The framework keeps a partition for each request in flight and takes a lock that all requests share,
    /// so this is for where the framework's middleware is wanted; <c>UseQuotaLimiter</c> costs less.
    /// </remarks>
    public static RateLimiterOptions AddQuotaPolicy(this RateLimiterOptions options, string policyName)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.AddPolicy(
            policyName, new QuotaPolicy(context => context.RequestServices.GetRequiredService<QuotaLimiter<HttpContext>>()));
    }

    /// <summary>Adds a policy by which a quota limiter decides.</summary>
    /// <param name="options">The options of <c>AddRateLimiter</c>.</param>
    /// <param name="policyName">The policy's name, for <c>RequireRateLimiting</c> or a YARP route's <c>RateLimiterPolicy</c>.</param>
    /// <param name="limiter">The limiter, which stays the caller's to dispose of.</param>
    /// <returns>The options.</returns>
    /// <inheritdoc cref="AddQuotaPolicy(RateLimiterOptions, string)"/>
    public static RateLimiterOptions AddQuotaPolicy(
        this RateLimiterOptions options, string policyName, QuotaLimiter<HttpContext> limiter)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(limiter);
        return options.AddPolicy(policyName, new QuotaPolicy(_ => limiter));
    }
}

using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the quota limiter.</summary>
public static class QuotaLimiterServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="QuotaLimiter{TResource}"/> of <see cref="HttpContext"/> that knows the HTTP key parts (<c>client-ip</c>,
    /// <c>path</c>, <c>path:N</c>, <c>route</c>, <c>method</c>, <c>host</c>, <c>header:NAME</c>, <c>query:NAME</c>, <c>cookie:NAME</c>,
    /// <c>claim:NAME</c>, <c>global</c>) and the meaning of a rule's match, and the <see cref="ClientAddressResolver"/> it uses.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Adds rules and, if wanted, key parts; the HTTP ones are there already.</param>
    /// <returns>The services.</returns>
    /// <remarks>Options are checked when the limiter is first asked for.</remarks>
    public static IServiceCollection AddQuotaLimiter(
        this IServiceCollection services, Action<QuotaLimiterOptions<HttpContext>> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddSingleton(_ => new ClientAddressResolver(new ClientIpOptions()));
        services.TryAddSingleton(provider =>
        {
            QuotaLimiterOptions<HttpContext> options = HttpQuota.CreateOptions(provider.GetRequiredService<ClientAddressResolver>());
            options.TimeProvider = provider.GetService<TimeProvider>() ?? TimeProvider.System;
            configure(options);
            return new QuotaLimiter<HttpContext>(options);
        });
        return services;
    }
}

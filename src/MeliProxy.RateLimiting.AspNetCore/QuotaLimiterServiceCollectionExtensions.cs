using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.AspNetCore.Registration;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the quota limiter.</summary>
/// <remarks>
/// One <see cref="QuotaLimiter{TResource}"/> of <see cref="HttpContext"/> that knows the HTTP key parts (<c>client-ip</c>, <c>path</c>,
/// <c>path:N</c>, <c>route</c>, <c>method</c>, <c>host</c>, <c>header:NAME</c>, <c>query:NAME</c>, <c>cookie:NAME</c>, <c>claim:NAME</c>,
/// <c>global</c>) and the meaning of a rule's match, and the <see cref="ClientAddressResolver"/> it uses. Several calls add up. Options are
/// checked when the limiter is first asked for, which is at the start where <c>UseQuotaLimiter</c> is called: then an
/// <see cref="InvalidRulesException"/> says all that is wrong with rules and configuration, and an <see cref="OptionsValidationException"/>
/// which other option is out of its range.
/// </remarks>
public static class QuotaLimiterServiceCollectionExtensions
{
    /// <summary>Registers the limiter, with rules from code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Adds rules and, if wanted, key parts; the HTTP ones are there already.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddQuotaLimiter(
        this IServiceCollection services, Action<QuotaLimiterOptions<HttpContext>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, new QuotaLimiterSetup(configure, Section: null));
    }

    /// <summary>Registers the limiter, with rules from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">
    /// A section of its own with the members <c>rules</c>, <c>overrides</c>, <c>mode</c>, <c>maxKeys</c>, <c>keyCap</c> (<c>admit</c>,
    /// <c>reject</c> or <c>overflow</c>) and <c>maxQueued</c>, all optional, each as in rule documents; others are errors. When it changes,
    /// its rules, overrides and mode are in force at once and counts are kept; a change with errors changes nothing and is logged.
    /// </param>
    /// <returns>The services.</returns>
    /// <exception cref="InvalidOperationException">There is a section already.</exception>
    public static IServiceCollection AddQuotaLimiter(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, new QuotaLimiterSetup(Configure: null, section));
    }

    /// <summary>Registers the limiter, with rules from configuration beside those from code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">A section as told at <see cref="AddQuotaLimiter(IServiceCollection, IConfiguration)"/>.</param>
    /// <param name="configure">
    /// Adds key parts and, if wanted, rules that stay whatever the section says. Runs first: what both set is as the section says.
    /// </param>
    /// <returns>The services.</returns>
    /// <exception cref="InvalidOperationException">There is a section already.</exception>
    public static IServiceCollection AddQuotaLimiter(
        this IServiceCollection services, IConfiguration section, Action<QuotaLimiterOptions<HttpContext>> configure)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(configure);
        return Add(services, new QuotaLimiterSetup(configure, section));
    }

    private static IServiceCollection Add(IServiceCollection services, QuotaLimiterSetup setup)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (setup.Section is not null && services.Any(service => service.ImplementationInstance is QuotaLimiterSetup { Section: not null }))
        {
            throw new InvalidOperationException("the quota limiter has a section of configuration already; put all its rules into one");
        }

        services.AddSingleton(setup);
        services.TryAddSingleton(_ => new ClientAddressResolver(new ClientIpOptions()));
        services.TryAddSingleton(provider => new RegisteredLimiter(provider));
        services.TryAddSingleton(provider => provider.GetRequiredService<RegisteredLimiter>().Limiter);
        return services;
    }
}

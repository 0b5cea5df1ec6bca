using MeliProxy.RateLimiting.AspNetCore;
using MeliProxy.RateLimiting.Rules;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts endpoints under rules that are for those which ask for them.</summary>
public static class QuotaEndpointConventionBuilderExtensions
{
    /// <summary>
    /// Requires rules that have <see cref="RuleMatch.Endpoint"/>, beside those that apply anyway. Routing has to have chosen the endpoint
    /// when <see cref="QuotaLimiterApplicationBuilderExtensions.UseQuotaLimiter"/> runs, so where <c>UseRouting</c> is called it goes
    /// first.
    /// </summary>
    /// <typeparam name="TBuilder">The kind of builder.</typeparam>
    /// <param name="builder">The endpoints.</param>
    /// <param name="rules">The names of the rules; one that is unknown when the application starts is an error then.</param>
    /// <returns>The endpoints.</returns>
    /// <exception cref="ArgumentException">No rule is named, or a name is empty.</exception>
    public static TBuilder RequireQuota<TBuilder>(this TBuilder builder, params string[] rules)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        RequireQuotaAttribute requirement = new(rules);
        builder.Add(endpoint => endpoint.Metadata.Add(requirement));
        return builder;
    }
}

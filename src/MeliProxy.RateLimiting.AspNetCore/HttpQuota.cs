using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.AspNetCore.Keys;
using MeliProxy.RateLimiting.AspNetCore.Matching;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore;

/// <summary>Where limiters for HTTP requests begin, for programs that build them without dependency injection.</summary>
public static class HttpQuota
{
    /// <summary>Options with the HTTP key parts and the HTTP meaning of a rule's match, and no rules yet.</summary>
    /// <param name="resolver">Tells the addresses of clients, for the key part <c>client-ip</c>.</param>
    /// <returns>Options for a <see cref="QuotaLimiter{TResource}"/>.</returns>
    public static QuotaLimiterOptions<HttpContext> CreateOptions(ClientAddressResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        QuotaLimiterOptions<HttpContext> options = new() { RuleMatcher = HttpRuleMatcher.Compile };
        options.KeySources.AddHttpKeys(resolver);
        return options;
    }
}

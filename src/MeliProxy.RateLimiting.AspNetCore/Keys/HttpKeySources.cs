using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.AspNetCore.Matching;
using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary>The key parts of HTTP requests.</summary>
internal static class HttpKeySources
{
    /// <summary>
    /// Adds <c>client-ip</c>, <c>path</c>, <c>path:N</c> (the first N segments), <c>route</c> (the pattern in the rule's match),
    /// <c>method</c>, <c>host</c>, <c>header:NAME</c>, <c>query:NAME</c>, <c>cookie:NAME</c> and <c>claim:NAME</c>.
    /// </summary>
    /// <param name="sources">Where to.</param>
    /// <param name="resolver">Finds the address for <c>client-ip</c>.</param>
    /// <returns><paramref name="sources"/>.</returns>
    /// <exception cref="ArgumentException">One of the names is taken.</exception>
    /// <remarks>
    /// Several values of a header, query parameter, cookie or claim are joined with commas. Of values longer than 4,000 characters, the
    /// rest counts by its SHA-256.
    /// </remarks>
    public static PartitionKeySources<HttpContext> AddHttpKeys(
        this PartitionKeySources<HttpContext> sources, ClientAddressResolver resolver)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(resolver);
        return sources
            .Add("client-ip", new ClientIpKeySource(resolver))
            .AddFactory("path", PathKeySource.Create)
            .AddFactory("route", RouteKeySource.Create)
            .Add("method", new MethodKeySource())
            .Add("host", new HostKeySource())
            .AddFactory("header", request => new HeaderKeySource(RequireToken(request, "header", "X-Api-Key")))
            .AddFactory("query", request => new QueryKeySource(Require(request, "query", "category")))
            .AddFactory("cookie", request => new CookieKeySource(RequireToken(request, "cookie", "session")))
            .AddFactory("claim", request => new ClaimKeySource(Require(request, "claim", "sub")));
    }

    private static string Require(PartitionKeyRequest request, string part, string example) =>
        string.IsNullOrEmpty(request.Argument)
            ? throw new ArgumentException($"the key part '{part}' needs a name, as in '{part}:{example}'")
            : request.Argument;

    private static string RequireToken(PartitionKeyRequest request, string part, string example)
    {
        string name = Require(request, part, example);
        return HttpToken.IsValid(name)
            ? name
            : throw new ArgumentException($"'{name}' in the key part '{part}:{name}' is no {part} name, such as '{part}:{example}'");
    }
}

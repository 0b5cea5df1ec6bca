using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary><c>route</c>: the path pattern of the rule, the same for all requests that it matches.</summary>
internal sealed class RouteKeySource : IPartitionKeySource<HttpContext>
{
    private readonly string _pattern;

    private RouteKeySource(string pattern) => _pattern = pattern;

    public static RouteKeySource Create(PartitionKeyRequest request)
    {
        if (request.Argument is not null)
        {
            throw new ArgumentException("the key part 'route' takes no ':' argument");
        }

        return new RouteKeySource(request.Rule.Match?.Path ?? throw new ArgumentException(
            "the key part 'route' is the pattern in match.path, which this rule lacks; add one, or use 'path' or 'global'"));
    }

    public bool TryWrite(HttpContext resource, ref PartitionKeyWriter writer)
    {
        KeyText text = default;
        text.AppendValue(ref writer, _pattern);
        return text.Complete(ref writer);
    }
}

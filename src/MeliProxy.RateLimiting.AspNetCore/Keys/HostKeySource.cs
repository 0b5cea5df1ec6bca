using System.Buffers;
using MeliProxy.RateLimiting.AspNetCore.Matching;
using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary><c>host</c>: the host that the request names, in lower case and without port.</summary>
internal sealed class HostKeySource : IPartitionKeySource<HttpContext>
{
    private const int CharactersOnStack = 256;

    private static readonly SearchValues<char> UpperCase = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public bool TryWrite(HttpContext resource, ref PartitionKeyWriter writer)
    {
        ReadOnlySpan<char> host = HostName.WithoutPort(resource.Request.Host.Value);
        if (host.IsEmpty)
        {
            return false;
        }

        if (host.ContainsAny(UpperCase))
        {
            Span<char> lower = host.Length <= CharactersOnStack ? stackalloc char[host.Length] : new char[host.Length];
            host.ToLowerInvariant(lower);
            return Write(lower, ref writer);
        }

        return Write(host, ref writer);
    }

    private static bool Write(scoped ReadOnlySpan<char> host, ref PartitionKeyWriter writer)
    {
        KeyText text = default;
        text.AppendValue(ref writer, host);
        return text.Complete(ref writer);
    }
}

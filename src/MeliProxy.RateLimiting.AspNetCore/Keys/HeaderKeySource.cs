using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary><c>header:NAME</c>: all values of a header.</summary>
internal sealed class HeaderKeySource(string name) : IPartitionKeySource<HttpContext>
{
    public bool TryWrite(HttpContext resource, ref PartitionKeyWriter writer)
    {
        KeyText text = default;
        foreach (string? value in resource.Request.Headers[name])
        {
            text.AppendValue(ref writer, value);
        }

        return text.Complete(ref writer);
    }
}

using System.Buffers;
using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary><c>method</c>: the method of the request line, in upper case.</summary>
internal sealed class MethodKeySource : IPartitionKeySource<HttpContext>
{
    private static readonly SearchValues<char> LowerCase = SearchValues.Create("abcdefghijklmnopqrstuvwxyz");

    public bool TryWrite(HttpContext resource, ref PartitionKeyWriter writer)
    {
        string method = HttpMethods.GetCanonicalizedValue(resource.Request.Method);
        KeyText text = default;
        text.AppendValue(ref writer, method.AsSpan().ContainsAny(LowerCase) ? method.ToUpperInvariant() : method);
        return text.Complete(ref writer);
    }
}

using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary>
/// <c>query:NAME</c>: all values of a query parameter, decoded. Names are compared without regard to case, as ASP.NET does.
/// </summary>
internal sealed class QueryKeySource(string name) : IPartitionKeySource<HttpContext>
{
    public bool TryWrite(HttpContext resource, ref PartitionKeyWriter writer)
    {
        KeyText text = default;

        // HttpRequest.Query would build a dictionary of all parameters; this allocates only where something is escaped.
        foreach (QueryStringEnumerable.EncodedNameValuePair pair in new QueryStringEnumerable(resource.Request.QueryString.Value))
        {
            if (pair.DecodeName().Span.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                text.AppendValue(ref writer, pair.DecodeValue().Span);
            }
        }

        return text.Complete(ref writer);
    }
}

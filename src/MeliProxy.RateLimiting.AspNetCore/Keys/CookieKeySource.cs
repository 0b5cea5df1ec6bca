using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary>
/// <c>cookie:NAME</c>: all values of a cookie, without the quotes that may stand around one and with percent-escapes decoded, as servers
/// commonly do both. Names are compared exactly.
/// </summary>
internal sealed class CookieKeySource(string name) : IPartitionKeySource<HttpContext>
{
    public bool TryWrite(HttpContext resource, ref PartitionKeyWriter writer)
    {
        KeyText text = default;

        // HttpRequest.Cookies would build a dictionary of all cookies.
        foreach (string? line in resource.Request.Headers.Cookie)
        {
            ReadOnlySpan<char> pairs = line;
            foreach (Range range in pairs.Split(';'))
            {
                ReadOnlySpan<char> pair = pairs[range];
                int equals = pair.IndexOf('=');
                if (equals >= 0 && pair[..equals].Trim(" \t").SequenceEqual(name))
                {
                    AppendValue(pair[(equals + 1)..].Trim(" \t"), ref text, ref writer);
                }
            }
        }

        return text.Complete(ref writer);
    }

    private static void AppendValue(scoped ReadOnlySpan<char> value, ref KeyText text, ref PartitionKeyWriter writer)
    {
        if (value.Length >= 2 && value[0] == '"' && value[^1] == '"')
        {
            value = value[1..^1];
        }

        text.AppendValue(ref writer, value.Contains('%') ? Uri.UnescapeDataString(value) : value);
    }
}

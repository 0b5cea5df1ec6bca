using System.Net.Http.Headers;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;

namespace MeliProxy.Sidecar.Forwarding;

/// <summary>Keeps the fields that a <c>Connection</c> field names to the connection they came on (RFC 9110, section 7.6.1).</summary>
/// <remarks>In a request it comes before the fields that the proxy adds, so that nobody can have those removed.</remarks>
internal sealed class ConnectionListedTransform : RequestTransform
{
    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        foreach (string name in context.HttpContext.Request.Headers.GetCommaSeparatedValues(HeaderNames.Connection))
        {
            if (IsListable(name))
            {
                RemoveHeader(context, name);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The same for an answer.</summary>
    public static ValueTask ApplyAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse?.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out HeaderStringValues fields) == true)
        {
            foreach (string name in fields.SelectMany(field => field.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            {
                if (IsListable(name))
                {
                    context.HttpContext.Response.Headers.Remove(name);
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Where a message goes and how it is framed is never a matter of one connection.</summary>
    private static bool IsListable(string name) =>
        !name.Equals(HeaderNames.Host, StringComparison.OrdinalIgnoreCase)
        && !name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase);
}

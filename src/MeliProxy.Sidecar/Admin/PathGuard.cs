using MeliProxy.Sidecar.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Admin;

/// <summary>Refuses paths with the segments <c>.</c> and <c>..</c>, also percent-encoded, as they would be of something else than they say.</summary>
/// <remarks>A key may be <c>..</c>; to delete its override must not delete the rule. The command can be sent over NATS.</remarks>
internal static class PathGuard
{
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        int query = target.IndexOf('?', StringComparison.Ordinal);
        string path = query < 0 ? target : target[..query];
        return Array.Exists(path.Split('/'), segment => Uri.UnescapeDataString(segment) is "." or "..")
            ? Problem.WriteAsync(
                context,
                StatusCodes.Status400BadRequest,
                "Not valid",
                "A path cannot hold '.' or '..' as a part of a key. Send the command over NATS, where a key is JSON.")
            : next(context);
    }
}

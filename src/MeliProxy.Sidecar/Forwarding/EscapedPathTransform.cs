using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Transforms;

namespace MeliProxy.Sidecar.Forwarding;

/// <summary>Hands on a path with escapes as the client wrote it.</summary>
/// <remarks>
/// The server decodes paths but for <c>%2F</c> and what is not UTF-8, and YARP escapes what is left: so <c>/a%2Fb</c> would arrive as
/// <c>/a%252Fb</c>, the same as another path would. Dot segments are taken out, as the server does; a path in which escaped slashes make others
/// is left to YARP, as it must not climb above an upstream's own path.
/// </remarks>
internal sealed class EscapedPathTransform : RequestTransform
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        if (context.Path.Value?.Contains('%', StringComparison.Ordinal) == true
            && context.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget is { } written
            && ToHandOn(written) is { } target)
        {
            context.ProxyRequest.RequestUri = new Uri($"{context.DestinationPrefix.TrimEnd('/')}{target}", AsWritten);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>A request target without dot segments; <see langword="null"/> if it cannot be handed on as it is written.</summary>
    internal static string? ToHandOn(string target)
    {
        if (CanHandOn(target))
        {
            return target;
        }

        string without = WithoutDotSegments(target);
        return CanHandOn(without) ? without : null;
    }

    /// <summary>Whether a request target is a plain path and query of visible ASCII, without dot segments.</summary>
    internal static bool CanHandOn(ReadOnlySpan<char> target)
    {
        if (!target.StartsWith("/") || target.ContainsAnyExceptInRange('!', '~') || target.Contains('#'))
        {
            return false;
        }

        int query = target.IndexOf('?');
        ReadOnlySpan<char> rest = query < 0 ? target : target[..query];
        int dots = 0;
        bool onlyDots = true;
        while (!rest.IsEmpty)
        {
            int length = rest[0] == '%' && rest.Length >= 3 ? 3 : 1;
            switch (rest[..length])
            {
                case "/" or "\\" or "%2F" or "%2f" or "%5C" or "%5c":
                    if (onlyDots && dots is (1 or 2))
                    {
                        return false;
                    }

                    dots = 0;
                    onlyDots = true;
                    break;
                case "." or "%2E" or "%2e":
                    dots++;
                    break;
                default:
                    onlyDots = false;
                    break;
            }

            rest = rest[length..];
        }

        return !(onlyDots && dots is (1 or 2));
    }

    /// <summary>Takes dot segments out of a path (RFC 3986, section 5.2.4), also where a dot is escaped.</summary>
    private static string WithoutDotSegments(string target)
    {
        int query = target.IndexOf('?', StringComparison.Ordinal);
        string[] segments = (query < 0 ? target : target[..query]).Split('/');
        List<string> kept = [];
        for (int i = 1; i < segments.Length; i++)
        {
            string dots = segments[i].Replace("%2E", ".", StringComparison.OrdinalIgnoreCase);
            if (dots is not ("." or ".."))
            {
                kept.Add(segments[i]);
                continue;
            }

            if (dots == ".." && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }

            if (i == segments.Length - 1)
            {
                kept.Add("");
            }
        }

        return $"{segments[0]}/{string.Join('/', kept)}{(query < 0 ? "" : target[query..])}";
    }
}

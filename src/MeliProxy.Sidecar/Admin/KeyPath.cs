using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Admin;

/// <summary>Reads the key at the end of a path: each segment is a part, percent-encoded.</summary>
/// <remarks>
/// From the target as it was sent, since the decoded path no longer tells a slash within a part from one between parts.
/// </remarks>
internal static class KeyPath
{
    /// <summary>How many segments come before the key: empty, api, v1, rules, a rule, and what is asked of it.</summary>
    private const int SegmentsBefore = 6;

    /// <returns>The parts; <see langword="null"/> if the path ends before a key.</returns>
    public static IReadOnlyList<string>? Read(HttpContext context)
    {
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        int scheme = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            int path = target.IndexOf('/', scheme + 3);
            target = path < 0 ? "/" : target[path..];
        }

        int query = target.IndexOf('?', StringComparison.Ordinal);
        string[] segments = (query < 0 ? target : target[..query]).Split('/');
        return segments.Length > SegmentsBefore ? [.. segments.Skip(SegmentsBefore).Select(Uri.UnescapeDataString)] : null;
    }
}

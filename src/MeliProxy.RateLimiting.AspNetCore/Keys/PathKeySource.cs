using System.Globalization;
using MeliProxy.RateLimiting.AspNetCore.Matching;
using MeliProxy.RateLimiting.Keys;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary><c>path</c> and <c>path:N</c>: the canonical path, or its first segments.</summary>
internal sealed class PathKeySource : IPartitionKeySource<HttpContext>
{
    private const int MaxSegments = 32;

    private readonly int _segments;

    private PathKeySource(int segments) => _segments = segments;

    public static PathKeySource Create(PartitionKeyRequest request)
    {
        if (request.Argument is null)
        {
            return new PathKeySource(int.MaxValue);
        }

        return int.TryParse(request.Argument, NumberStyles.None, CultureInfo.InvariantCulture, out int segments)
            && segments is >= 1 and <= MaxSegments
            && request.Argument[0] != '0'
                ? new PathKeySource(segments)
                : throw new ArgumentException(
                    $"the key part 'path:{request.Argument}' is invalid: write 'path', or 'path:N' for the first N segments, "
                    + $"N from 1 to {MaxSegments}");
    }

    public bool TryWrite(HttpContext resource, ref PartitionKeyWriter writer)
    {
        using CanonicalPath path = CanonicalPath.Of(resource.Request);
        KeyText text = default;
        text.AppendValue(ref writer, FirstSegments(path.Value));
        return text.Complete(ref writer);
    }

    private ReadOnlySpan<char> FirstSegments(ReadOnlySpan<char> path)
    {
        if (_segments == int.MaxValue)
        {
            return path;
        }

        int end = 0;
        for (int i = 0; i < _segments && end < path.Length; i++)
        {
            int slash = path[(end + 1)..].IndexOf('/');
            end = slash < 0 ? path.Length : end + 1 + slash;
        }

        return path[..end];
    }
}

using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Matching;

/// <summary>
/// A request path in the one form that rules match and count by, so that spelling it differently does not dodge a quota.
/// </summary>
/// <remarks>
/// Escapes are decoded until none is left, <c>\</c> becomes <c>/</c>, slashes are single, <c>.</c> and <c>..</c> are resolved, and only
/// the root ends with a slash. An encoded slash counts as a slash. Escapes that do not decode to UTF-8 stay, in upper case. The case of all else
/// is kept. A path that is canonical already is used as it is; others take a buffer from the array pool until <see cref="Dispose"/>.
/// </remarks>
internal ref struct CanonicalPath
{
    private char[]? _rented;

    private CanonicalPath(ReadOnlySpan<char> value, char[]? rented)
    {
        Value = value;
        _rented = rented;
    }

    public ReadOnlySpan<char> Value { get; }

    /// <summary>The canonical form of a request's whole path, the path base included.</summary>
    public static CanonicalPath Of(HttpRequest request) => Of(request.PathBase.Value, request.Path.Value);

    public static CanonicalPath Of(ReadOnlySpan<char> pathBase, ReadOnlySpan<char> path)
    {
        if (pathBase.IsEmpty && IsCanonical(path))
        {
            return new CanonicalPath(path, null);
        }

        char[] rented = ArrayPool<char>.Shared.Rent(pathBase.Length + path.Length + 1);
        PercentDecoder decoder = new(rented);
        decoder.Append("/");
        decoder.Append(pathBase);
        decoder.Append(path);
        Span<char> decoded = decoder.Written;
        decoded.Replace('\\', '/');
        return new CanonicalPath(decoded[..ResolveSegments(decoded)], rented);
    }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<char>.Shared.Return(_rented);
            _rented = null;
        }
    }

    /// <summary>Whether there is surely nothing to do; false for some paths that are canonical, such as <c>/.well-known</c>.</summary>
    private static bool IsCanonical(ReadOnlySpan<char> path) =>
        path.StartsWith('/')
        && (path.Length == 1 || path[^1] != '/')
        && !path.ContainsAny('%', '\\')
        && path.IndexOf("//") < 0
        && path.IndexOf("/.") < 0;

    /// <summary>Drops empty and dot segments in place and returns the new length.</summary>
    private static int ResolveSegments(Span<char> path)
    {
        int length = 0;
        int start = 1;
        while (start <= path.Length)
        {
            int slash = path[start..].IndexOf('/');
            int end = slash < 0 ? path.Length : start + slash;
            ReadOnlySpan<char> segment = path[start..end];
            if (segment is "..")
            {
                length = Math.Max(path[..length].LastIndexOf('/'), 0);
            }
            else if (segment is not ("" or "."))
            {
                // The slash before the segment moves with it.
                path[(start - 1)..end].CopyTo(path[length..]);
                length += end - start + 1;
            }

            start = end + 1;
        }

        // The root: the first character is the slash that was put there.
        return Math.Max(length, 1);
    }
}

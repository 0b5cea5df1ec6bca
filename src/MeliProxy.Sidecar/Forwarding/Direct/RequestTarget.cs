using System.Buffers;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Says which request targets can be handed on as they were written, so that the upstream sees what it would see from YARP.</summary>
internal static class RequestTarget
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "!$&'()*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");

    /// <summary>
    /// Whether a target is a path and query of characters that need no escape, without dot segments. YARP decodes escaped letters, digits and
    /// <c>-._~</c> in a query, unless the path has escapes too; such targets are left to it.
    /// </summary>
    public static bool CanHandOn(ReadOnlySpan<char> target)
    {
        if (!target.StartsWith('/'))
        {
            return false;
        }

        if (!target.ContainsAnyExcept(Plain) && !target.Contains("/.", StringComparison.Ordinal))
        {
            return true;
        }

        int mark = target.IndexOf('?');
        ReadOnlySpan<char> path = mark < 0 ? target : target[..mark];
        if (path.Contains('%'))
        {
            return EscapedPathTransform.CanHandOn(target);
        }

        return !path.ContainsAnyExcept(Plain)
            && EscapedPathTransform.CanHandOn(path)
            && (mark < 0 || HasOnlyNeededEscapes(target[mark..]));
    }

    private static bool HasOnlyNeededEscapes(ReadOnlySpan<char> query)
    {
        for (int i = query.IndexOfAnyExcept(Plain); i >= 0; i = query.IndexOfAnyExcept(Plain))
        {
            if (query[i] != '%'
                || query.Length < i + 3
                || !char.IsAsciiHexDigit(query[i + 1])
                || !char.IsAsciiHexDigit(query[i + 2])
                || IsUnreserved((char)int.Parse(query.Slice(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null)))
            {
                return false;
            }

            query = query[(i + 3)..];
        }

        return true;
    }

    private static bool IsUnreserved(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~';
}

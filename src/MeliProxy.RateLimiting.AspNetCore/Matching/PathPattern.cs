using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace MeliProxy.RateLimiting.AspNetCore.Matching;

/// <summary>A pattern for canonical paths: <c>/items/{id}</c>, <c>/categories/{**rest}</c>.</summary>
/// <remarks>
/// Letters match without regard to case, as in ASP.NET's routing: where the upstream tells them apart too, counting both spellings by one
/// rule does no harm; where it does not, the quota cannot be dodged.
/// </remarks>
internal sealed class PathPattern
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    /// <summary>The literal segments; null stands for one segment of any text.</summary>
    private readonly string?[] _segments;
    private readonly bool _hasRest;

    private PathPattern(string?[] segments, bool hasRest)
    {
        _segments = segments;
        _hasRest = hasRest;
    }

    /// <summary>Parses a pattern; the error says what is wrong in one sentence.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out PathPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        error = CheckForm(text);
        List<string?> segments = [];
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        bool hasRest = false;
        if (error is not null)
        {
            return false;
        }

        foreach (string segment in text.Length == 1 ? [] : text[1..].Split('/'))
        {
            if (hasRest)
            {
                error = "'{**name}' stands for all that follows, so it has to be the last segment";
                return false;
            }

            error = CheckSegment(segment, names, out bool isLiteral, out hasRest);
            if (error is not null)
            {
                return false;
            }

            if (!hasRest)
            {
                segments.Add(isLiteral ? segment : null);
            }
        }

        pattern = new PathPattern([.. segments], hasRest);
        return true;
    }

    /// <summary>Whether a path in canonical form fits.</summary>
    public bool IsMatch(ReadOnlySpan<char> path)
    {
        ReadOnlySpan<char> rest = path is "/" ? default : path;
        foreach (string? expected in _segments)
        {
            if (rest.IsEmpty)
            {
                return false;
            }

            rest = rest[1..];
            int slash = rest.IndexOf('/');
            ReadOnlySpan<char> segment = slash < 0 ? rest : rest[..slash];
            if (expected is not null && !segment.Equals(expected, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            rest = slash < 0 ? default : rest[slash..];
        }

        return _hasRest || rest.IsEmpty;
    }

    private static string? CheckForm(string text)
    {
        if (!text.StartsWith('/'))
        {
            return "a path pattern begins with '/'";
        }

        if (text.AsSpan().ContainsAny('?', '#'))
        {
            return "a path pattern has no query or fragment";
        }

        using CanonicalPath canonical = CanonicalPath.Of(default, text);
        return canonical.Value.SequenceEqual(text)
            ? null
            : $"paths are compared in canonical form, which '{text}' never equals; write '{canonical.Value}'";
    }

    private static string? CheckSegment(string segment, HashSet<string> names, out bool isLiteral, out bool isRest)
    {
        isLiteral = !segment.AsSpan().ContainsAny('{', '}');
        isRest = false;
        if (isLiteral)
        {
            return segment.Contains('*', StringComparison.Ordinal)
                ? $"'{segment}' is no wildcard; write '{{name}}' for one segment or '{{**name}}' for any number at the end"
                : null;
        }

        if (!segment.StartsWith('{') || !segment.EndsWith('}') || segment.AsSpan(1).Contains('{'))
        {
            return $"the segment '{segment}' mixes text and a parameter; a segment is either text or one '{{name}}'";
        }

        string inner = segment[1..^1];
        string name = inner.StartsWith("**", StringComparison.Ordinal) ? inner[2..] : inner.TrimStart('*');
        isRest = name.Length < inner.Length;
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            return $"'{segment}' is no parameter: its name has letters, digits, '_' and '-' only, without constraint or default";
        }

        return names.Add(name) ? null : $"the parameter '{name}' appears twice";
    }
}

using MeliProxy.RateLimiting.AspNetCore.Matching;

namespace MeliProxy.RateLimiting.AspNetCore.ClientAddress;

/// <summary>Reads elements of the <c>Forwarded</c> header (RFC 7239, section 4).</summary>
internal static class ForwardedElement
{
    private const string Whitespace = " \t";
    private const int MaxNodeLength = 64;

    /// <summary>The last comma outside quotes, or -1.</summary>
    /// <remarks>
    /// Quotes are paired from the right: the right end was written by the nearest proxy, so a quote left open by a client further left
    /// cannot swallow what proxies have added.
    /// </remarks>
    public static int LastSeparator(ReadOnlySpan<char> line)
    {
        bool quoted = false;
        for (int i = line.Length - 1; i >= 0; i--)
        {
            if (line[i] == '"')
            {
                int backslashes = i - 1 - line[..i].LastIndexOfAnyExcept('\\');
                quoted ^= backslashes % 2 == 0;
                i -= backslashes;
            }
            else if (line[i] == ',' && !quoted)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Reads the address of the <c>for</c> parameter; false for <c>unknown</c>, made-up names and malformed elements.</summary>
    public static bool TryParse(ReadOnlySpan<char> element, out ClientIp address)
    {
        address = default;
        bool found = false;
        ReadOnlySpan<char> rest = element;
        while (true)
        {
            rest = rest.TrimStart(" \t;");
            if (rest.IsEmpty)
            {
                return found;
            }

            int equals = rest.IndexOf('=');
            if (equals < 0 || !HttpToken.IsValid(rest[..equals]))
            {
                return false;
            }

            bool isFor = rest[..equals].Equals("for", StringComparison.OrdinalIgnoreCase);
            rest = rest[(equals + 1)..];
            if (!TryReadValue(ref rest, out ReadOnlySpan<char> value, out bool hasEscapes))
            {
                return false;
            }

            if (isFor && (found || !TryParseNode(value, hasEscapes, out address)))
            {
                return false;
            }

            found |= isFor;
        }
    }

    /// <summary>Reads up to the next semicolon outside quotes.</summary>
    private static bool TryReadValue(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> value, out bool hasEscapes)
    {
        hasEscapes = false;
        if (!rest.StartsWith('"'))
        {
            // A value with a colon should be quoted, but is not always.
            int semicolon = rest.IndexOf(';');
            value = (semicolon < 0 ? rest : rest[..semicolon]).TrimEnd(Whitespace);
            rest = semicolon < 0 ? default : rest[semicolon..];
            return !value.Contains('"');
        }

        for (int i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '\\')
            {
                hasEscapes = true;
                i++;
            }
            else if (rest[i] == '"')
            {
                value = rest[1..i];
                rest = rest[(i + 1)..].TrimStart(Whitespace);
                return rest.IsEmpty || rest[0] == ';';
            }
        }

        value = default;
        return false;
    }

    private static bool TryParseNode(ReadOnlySpan<char> value, bool hasEscapes, out ClientIp address)
    {
        address = default;
        if (!hasEscapes)
        {
            return AddressText.TryParseHop(value, out address);
        }

        if (value.Length > MaxNodeLength)
        {
            return false;
        }

        Span<char> unescaped = stackalloc char[MaxNodeLength];
        int length = 0;
        for (int i = 0; i < value.Length; i++)
        {
            unescaped[length++] = value[i] == '\\' ? value[++i] : value[i];
        }

        return AddressText.TryParseHop(unescaped[..length], out address);
    }
}

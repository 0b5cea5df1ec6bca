using System.Buffers;
using MeliProxy.RateLimiting.AspNetCore.Matching;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.AspNetCore.ClientAddress;

/// <summary>Reads addresses as they stand in forwarding headers, strictly and without allocating.</summary>
/// <remarks>
/// Forms that different programs read differently are refused: IPv4 with octal, hexadecimal or missing parts, and IPv6 with a zone
/// identifier, which means nothing outside the machine that wrote it.
/// </remarks>
internal static class AddressText
{
    private const int MaxPortDigits = 5;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    /// <summary>Reads <c>IPv4</c>, <c>IPv4:port</c>, <c>IPv6</c>, <c>[IPv6]</c> or <c>[IPv6]:port</c>.</summary>
    public static bool TryParseHop(ReadOnlySpan<char> text, out ClientIp address)
    {
        UInt128 bits = default;
        bool parsed;
        if (text.StartsWith('['))
        {
            int close = text.IndexOf(']');
            parsed = close > 0 && IsPort(text[(close + 1)..]) && AddressBits.TryParseIPv6(text[1..close], out bits);
        }
        else
        {
            int colon = text.IndexOf(':');
            bool isIPv4 = colon < 0 || text[..colon].Contains('.');
            parsed = isIPv4
                ? AddressBits.TryParseIPv4(colon < 0 ? text : text[..colon], out bits) && IsPort(colon < 0 ? default : text[colon..])
                : AddressBits.TryParseIPv6(text, out bits);
        }

        address = new ClientIp(bits);
        return parsed;
    }

    /// <summary>Nothing, or a colon and a port: digits, or an identifier made up by the proxy as RFC 7239 allows.</summary>
    private static bool IsPort(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return true;
        }

        if (text[0] != ':' || text.Length == 1)
        {
            return false;
        }

        ReadOnlySpan<char> port = text[1..];
        return port[0] == '_'
            ? HttpToken.IsValid(port)
            : port.Length <= MaxPortDigits && !port.ContainsAnyExcept(Digits);
    }
}

using System.Buffers;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.AspNetCore.Matching;

/// <summary>Host names as they stand in requests and rules.</summary>
internal static class HostName
{
    private const int MaxLength = 253;
    private const int MaxLabelLength = 63;

    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    /// <summary>The host of a <c>Host</c> header, without port and without the dots that may end a full name.</summary>
    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        if (host.StartsWith('['))
        {
            return host[..(host.IndexOf(']') + 1)];
        }

        int colon = host.IndexOf(':');
        return (colon < 0 ? host : host[..colon]).TrimEnd('.');
    }

    /// <summary>Whether the text is a name, an IPv4 address, or an IPv6 address in brackets; without port.</summary>
    public static bool IsValid(ReadOnlySpan<char> host)
    {
        if (host.StartsWith('['))
        {
            return host.EndsWith(']') && AddressBits.TryParseIPv6(host[1..^1], out _);
        }

        foreach (Range label in host.Split('.'))
        {
            if (host[label].Length is 0 or > MaxLabelLength || host[label].ContainsAnyExcept(LabelCharacters))
            {
                return false;
            }
        }

        return host.Length is > 0 and <= MaxLength;
    }
}

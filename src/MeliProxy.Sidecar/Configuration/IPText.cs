using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>Reads IP addresses and networks in their usual forms only: no octal or shortened IPv4, no port, no scope.</summary>
internal static class IPText
{
    private const int MappedPrefixLength = 96;

    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        return !text.ContainsAny("[]%/ ")
            && IPAddress.TryParse(text, out address)
            && (address.AddressFamily == AddressFamily.InterNetworkV6 || text.SequenceEqual(address.ToString()));
    }

    /// <summary>
    /// Reads <c>10.0.0.0/8</c>; an address alone is a network of one. IPv4-mapped IPv6 counts as IPv4.
    /// </summary>
    public static bool TryParseNetwork(string text, out IPNetwork network, [NotNullWhen(false)] out string? error)
    {
        network = default;
        error = $"'{text}' is no network; write it as \"10.0.0.0/8\", \"2001:db8::/32\" or one address";
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryParse(slash < 0 ? text : text.AsSpan(0, slash), out IPAddress? address))
        {
            return false;
        }

        int bits = address.GetAddressBytes().Length * 8;
        int prefixLength = bits;
        if (slash >= 0 && !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefixLength))
        {
            return false;
        }

        if (prefixLength > bits)
        {
            error = $"'{text}' is no network; the prefix of such an address has 0 to {bits} bits";
            return false;
        }

        if (address.IsIPv4MappedToIPv6 && prefixLength >= MappedPrefixLength)
        {
            address = address.MapToIPv4();
            prefixLength -= MappedPrefixLength;
        }

        IPAddress masked = Mask(address, prefixLength);
        if (!masked.Equals(address))
        {
            error = $"'{text}' has bits beyond its prefix; the network is {masked}/{prefixLength}, the address alone {address}";
            return false;
        }

        network = new IPNetwork(masked, prefixLength);
        error = null;
        return true;
    }

    private static IPAddress Mask(IPAddress address, int prefixLength)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(prefixLength - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}

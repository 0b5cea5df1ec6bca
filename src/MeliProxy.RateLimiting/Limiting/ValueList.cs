using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Values, and networks of addresses, that a key part's value is looked up in.</summary>
internal sealed class ValueList
{
    private const int MappedPrefixLength = 96;

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _values;
    private readonly (UInt128 Base, int PrefixLength)[] _networks;

    public ValueList(IReadOnlyCollection<string> values)
    {
        // An address is in the set as it was written, and a network of its own for all other ways to write it.
        _values = values.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _networks = [.. values.Select(ReadNetwork).OfType<(UInt128, int)>()];
    }

    public bool Contains(ReadOnlySpan<char> value) => _values.Contains(value) || (_networks.Length > 0 && IsInNetwork(value));

    private bool IsInNetwork(ReadOnlySpan<char> value)
    {
        // A client may be told apart by a network itself, as 2001:db8:1:2::/64; it is in those that hold all of it.
        int slash = value.IndexOf('/');
        int prefixLength = 128;
        if (slash >= 0 && !int.TryParse(value[(slash + 1)..], out prefixLength))
        {
            return false;
        }

        ReadOnlySpan<char> address = slash < 0 ? value : value[..slash];
        if (!AddressBits.TryParseIPv4(address, out UInt128 bits) && !AddressBits.TryParseIPv6(address, out bits))
        {
            return false;
        }

        foreach ((UInt128 networkBase, int networkPrefix) in _networks)
        {
            if (networkPrefix <= prefixLength && ((bits ^ networkBase) & AddressBits.Mask(networkPrefix)) == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static (UInt128 Base, int PrefixLength)? ReadNetwork(string value)
    {
        if (AddressBits.TryParseIPv4(value, out UInt128 bits) || AddressBits.TryParseIPv6(value, out bits))
        {
            return (bits, 128);
        }

        if (!IPNetwork.TryParse(value, out IPNetwork network))
        {
            return null;
        }

        bool isIPv4 = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
        return AddressBits.TryParseIPv4(network.BaseAddress.ToString(), out bits) || AddressBits.TryParseIPv6(network.BaseAddress.ToString(), out bits)
            ? (bits, network.PrefixLength + (isIPv4 ? MappedPrefixLength : 0))
            : null;
    }
}

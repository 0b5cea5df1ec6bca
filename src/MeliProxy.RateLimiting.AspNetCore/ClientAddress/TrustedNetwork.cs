using System.Net;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.AspNetCore.ClientAddress;

/// <summary>A network of trusted proxies, ready for comparison.</summary>
internal readonly struct TrustedNetwork
{
    private const int MappedPrefixLength = 96;

    private readonly UInt128 _base;
    private readonly UInt128 _mask;
    private readonly bool _isIPv4;

    public TrustedNetwork(IPNetwork network)
    {
        bool isIPv4 = network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
        int prefixLength = network.PrefixLength + (isIPv4 ? MappedPrefixLength : 0);
        _mask = AddressBits.Mask(prefixLength);
        _base = ClientIp.BitsOf(network.BaseAddress) & _mask;
        _isIPv4 = prefixLength >= MappedPrefixLength && AddressBits.IsMapped(_base);
    }

    public bool Contains(ClientIp address) => (address.Bits & _mask) == _base && address.IsIPv4 == _isIPv4;
}

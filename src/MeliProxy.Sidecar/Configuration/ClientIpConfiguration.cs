using System.Net;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>How the client's address is found.</summary>
/// <param name="TrustedProxies">The networks whose word about the client is taken.</param>
/// <param name="IPv6PrefixLength">The bits of an IPv6 address that tell clients apart, 0 to 128.</param>
/// <param name="Header">The header that is read.</param>
internal sealed record ClientIpConfiguration(IReadOnlyList<IPNetwork> TrustedProxies, int IPv6PrefixLength, ForwardedHeader Header)
{
    public ClientIpOptions ToOptions() => new()
    {
        TrustedProxies = [.. TrustedProxies],
        IPv6PrefixLength = IPv6PrefixLength,
        Header = Header,
    };
}

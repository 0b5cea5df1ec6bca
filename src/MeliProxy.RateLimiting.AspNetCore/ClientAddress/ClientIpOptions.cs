using System.Net;

namespace MeliProxy.RateLimiting.AspNetCore.ClientAddress;

/// <summary>How the client's address is found.</summary>
public sealed class ClientIpOptions
{
    /// <summary>
    /// The networks whose word about the client is taken. Default: none, so the client is the connection's peer and headers are ignored.
    /// </summary>
    /// <remarks>
    /// IPv4-mapped IPv6 counts as IPv4: <c>::ffff:10.0.0.0/104</c> is <c>10.0.0.0/8</c>. Other IPv6 networks hold no IPv4 address.
    /// </remarks>
    public IList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>
    /// The bits of an IPv6 address that tell clients apart, 0 to 128. Default: 64, because one subscriber commonly has a whole /64.
    /// </summary>
    public int IPv6PrefixLength { get; set; } = 64;

    /// <summary>The header that is read. Default: <see cref="ForwardedHeader.Auto"/>.</summary>
    /// <remarks>
    /// Name the one that the trusted proxies write if they pass the other one on unchanged from clients: under
    /// <see cref="ForwardedHeader.Auto"/>, behind a proxy that writes only <c>Forwarded</c>, a client could send an
    /// <c>X-Forwarded-For</c> of its own making.
    /// </remarks>
    public ForwardedHeader Header { get; set; } = ForwardedHeader.Auto;
}

using System.Net;
using System.Security.Authentication;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Where connections go and what they have to be like; destinations that agree in it share their connections.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">The port.</param>
/// <param name="IsTls">Whether TLS is spoken.</param>
/// <param name="TlsName">The name that the certificate has to be for.</param>
/// <param name="Protocols">The versions of TLS; <see cref="SslProtocols.None"/> leaves them to the system.</param>
/// <param name="TrustsAny">Whether any certificate is taken.</param>
/// <param name="CertificateAuthority">A PEM file of authorities trusted beside the system's.</param>
/// <param name="ConnectTimeout">How long connecting may take, with TLS.</param>
internal sealed record UpstreamEndpoint(
    string Host,
    int Port,
    bool IsTls,
    string TlsName,
    SslProtocols Protocols,
    bool TrustsAny,
    string? CertificateAuthority,
    TimeSpan ConnectTimeout)
{
    /// <summary>The address to connect to, without a look-up where it is one.</summary>
    public EndPoint ToEndPoint() => IPAddress.TryParse(Host, out IPAddress? address) ? new IPEndPoint(address, Port) : new DnsEndPoint(Host, Port);
}

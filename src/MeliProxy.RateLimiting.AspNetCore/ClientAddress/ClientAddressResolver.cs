using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace MeliProxy.RateLimiting.AspNetCore.ClientAddress;

/// <summary>Finds the address of the client behind a request.</summary>
/// <remarks>
/// <para>The client is the connection's peer. If that is a trusted proxy, the hops in its forwarding header are walked from right to left:
/// trusted ones are skipped, and the first that is not trusted is the client. If all are trusted, the leftmost is. A hop that is not an
/// address, such as <c>unknown</c> or an IPv6 address with a zone identifier, ends the walk at the last address known.</para>
/// <para>Safe for use by several threads. Resolving does not allocate.</para>
/// </remarks>
public sealed class ClientAddressResolver
{
    private const string XForwardedFor = "X-Forwarded-For";

    private volatile Settings _settings;

    /// <summary>Creates a resolver.</summary>
    /// <param name="options">How addresses are found; copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ClientAddressResolver(ClientIpOptions options) => _settings = Settings.From(options);

    /// <summary>Puts other options in force, for all requests that are resolved from now on.</summary>
    /// <param name="options">The options; copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; nothing has changed.</exception>
    public void Update(ClientIpOptions options) => _settings = Settings.From(options);

    /// <summary>Finds the client's address.</summary>
    /// <param name="context">The request.</param>
    /// <param name="client">The address, an IPv6 one cut to <see cref="ClientIpOptions.IPv6PrefixLength"/>.</param>
    /// <returns><see langword="false"/> if the connection has no address, as over a Unix domain socket.</returns>
    public bool TryResolve(HttpContext context, out ClientIp client)
    {
        ArgumentNullException.ThrowIfNull(context);
        IPAddress? remote = context.Connection.RemoteIpAddress;
        if (remote is null)
        {
            client = default;
            return false;
        }

        Settings settings = _settings;
        ClientIp address = ClientIp.From(remote);
        if (settings.IsTrusted(address))
        {
            address = Walk(settings, context.Request.Headers, address);
        }

        client = new ClientIp(address.Bits, settings.IPv6PrefixLength);
        return true;
    }

    /// <summary>Whose word is taken about the client of a request: the header of a trusted proxy, if it comes from one.</summary>
    /// <param name="context">The request.</param>
    /// <returns>
    /// <see cref="ForwardedHeader.XForwardedFor"/> or <see cref="ForwardedHeader.Forwarded"/>, or <see langword="null"/> if the request does
    /// not come straight from a trusted proxy, so that neither header is believed.
    /// </returns>
    public ForwardedHeader? BelievedHeader(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Settings settings = _settings;
        return context.Connection.RemoteIpAddress is { } remote && settings.IsTrusted(ClientIp.From(remote))
            ? settings.HeaderOf(context.Request.Headers)
            : null;
    }

    private static ClientIp Walk(Settings settings, IHeaderDictionary headers, ClientIp peer)
    {
        bool isForwarded = settings.HeaderOf(headers) == ForwardedHeader.Forwarded;
        StringValues lines = headers[isForwarded ? "Forwarded" : XForwardedFor];
        ClientIp nearest = peer;
        for (int i = lines.Count - 1; i >= 0; i--)
        {
            ReadOnlySpan<char> line = lines[i];
            while (!line.IsEmpty)
            {
                int separator = isForwarded ? ForwardedElement.LastSeparator(line) : line.LastIndexOf(',');
                ReadOnlySpan<char> hop = line[(separator + 1)..].Trim(" \t");
                line = line[..Math.Max(separator, 0)];
                if (hop.IsEmpty)
                {
                    // Lists may have empty elements, which count as nothing (RFC 9110, section 5.6.1).
                    continue;
                }

                if (!(isForwarded ? ForwardedElement.TryParse(hop, out ClientIp address) : AddressText.TryParseHop(hop, out address)))
                {
                    return nearest;
                }

                nearest = address;
                if (!settings.IsTrusted(address))
                {
                    return nearest;
                }
            }
        }

        return nearest;
    }

    /// <summary>An immutable copy of the options.</summary>
    private sealed class Settings(TrustedNetwork[] trusted, int prefixLength, ForwardedHeader header)
    {
        public int IPv6PrefixLength => prefixLength;

        /// <summary>The header that a request is judged by.</summary>
        public ForwardedHeader HeaderOf(IHeaderDictionary headers) => header != ForwardedHeader.Auto ? header
            : headers.ContainsKey(XForwardedFor) ? ForwardedHeader.XForwardedFor
            : ForwardedHeader.Forwarded;

        public bool IsTrusted(ClientIp address)
        {
            foreach (TrustedNetwork network in trusted)
            {
                if (network.Contains(address))
                {
                    return true;
                }
            }

            return false;
        }

        public static Settings From(ClientIpOptions options)
        {
            ArgumentNullException.ThrowIfNull(options);
            ArgumentOutOfRangeException.ThrowIfNegative(options.IPv6PrefixLength);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(options.IPv6PrefixLength, 128);
            if (!Enum.IsDefined(options.Header))
            {
                throw new ArgumentOutOfRangeException(nameof(options), options.Header, $"{nameof(options.Header)} is not a known value");
            }

            return new Settings(
                [.. options.TrustedProxies.Select(network => new TrustedNetwork(network))], options.IPv6PrefixLength, options.Header);
        }
    }
}

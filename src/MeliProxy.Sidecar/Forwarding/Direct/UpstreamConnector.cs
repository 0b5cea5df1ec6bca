using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MeliProxy.Sidecar.Transport;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Makes connections to an endpoint.</summary>
internal sealed class UpstreamConnector
{
    private readonly UpstreamEndpoint _endpoint;
    private readonly EndPoint _address;
    private readonly SslClientAuthenticationOptions? _tls;
    private readonly TimeProvider _time;

    public UpstreamConnector(UpstreamEndpoint endpoint, TimeProvider time)
    {
        _endpoint = endpoint;
        _address = endpoint.ToEndPoint();
        _tls = endpoint.IsTls ? CreateTls(endpoint) : null;
        _time = time;
    }

    /// <exception cref="UpstreamFaultException">There is no connection to be had.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = new(_endpoint.ConnectTimeout, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        Stream? plain = null;
        try
        {
            plain = OperatingSystem.IsLinux()
                ? await LoopStream.ConnectAsync(_address, both.Token)
                : await ConnectSocketAsync(both.Token);
            return _tls is null ? plain : await ConnectTlsAsync(plain, both.Token);
        }
        catch (Exception e)
        {
            plain?.Dispose();
            throw new UpstreamFaultException(
                e switch
                {
                    _ when cancellationToken.IsCancellationRequested => UpstreamFault.ClientLeft,
                    _ when patience.IsCancellationRequested => UpstreamFault.ConnectTimeout,
                    SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
                        UpstreamFault.NameNotResolved,
                    SocketException => UpstreamFault.NotConnected,
                    AuthenticationException or IOException => UpstreamFault.TlsFailed,
                    _ => UpstreamFault.NotConnected,
                },
                e);
        }
    }

    private static SslClientAuthenticationOptions CreateTls(UpstreamEndpoint endpoint)
    {
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = endpoint.TlsName,
            EnabledSslProtocols = endpoint.Protocols,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        };
        if (endpoint.TrustsAny)
        {
#pragma warning disable CA5359 // The user has asked for it.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        if (endpoint.CertificateAuthority is { } file)
        {
            options.CertificateChainPolicy = UpstreamCertificates.CreateChainPolicy(file);
        }

        return options;
    }

    /// <summary>Connects where there are no loops of the sidecar's own.</summary>
    private async Task<NetworkStream> ConnectSocketAsync(CancellationToken cancellationToken)
    {
        Socket socket = _address is IPEndPoint { AddressFamily: AddressFamily family }
            ? new Socket(family, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(_address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<SslStream> ConnectTlsAsync(Stream plain, CancellationToken cancellationToken)
    {
        // Checking a certificate may fetch others of its chain, which blocks; so that is done on no socket's loop.
        OffLoopStream offLoop = new(plain) { IsOn = true };
        UpstreamTlsStream tls = new(offLoop);
        await tls.AuthenticateAsClientAsync(_tls!, cancellationToken);
        offLoop.IsOn = false;
        return tls;
    }
}

using System.Buffers;
using System.Net;
using System.Net.Sockets;
using MeliProxy.Sidecar.Transport;
using Microsoft.AspNetCore.Connections;

namespace MeliProxy.Sidecar.Tests.Transport;

/// <summary>A connection of the transport, and the client at its other end.</summary>
internal sealed class ConnectedPair : IAsyncDisposable
{
    private readonly LoopListener _listener;

    private ConnectedPair(LoopListener listener, Socket client, ConnectionContext server)
    {
        _listener = listener;
        Client = client;
        Server = server;
    }

    public Socket Client { get; }

    public ConnectionContext Server { get; }

    public static LoopListener Listen(IPAddress? address = null, int port = 0) =>
        LoopListener.Bind(new IPEndPoint(address ?? IPAddress.Loopback, port), MemoryPool<byte>.Shared, TimeProvider.System);

    /// <param name="clientBuffer">How much the client's system takes that the client does not; 0 leaves it to the system.</param>
    public static async Task<ConnectedPair> CreateAsync(int clientBuffer = 0)
    {
        LoopListener listener = Listen();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (clientBuffer > 0)
        {
            client.ReceiveBufferSize = clientBuffer;
        }

        await client.ConnectAsync(listener.EndPoint);
        ConnectionContext server = (await listener.AcceptAsync())!;
        return new ConnectedPair(listener, client, server);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        await _listener.DisposeAsync();
    }
}

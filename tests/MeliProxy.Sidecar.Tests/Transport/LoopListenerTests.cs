using System.Net;
using System.Net.Sockets;
using MeliProxy.Sidecar.Transport;
using Microsoft.AspNetCore.Connections;

namespace MeliProxy.Sidecar.Tests.Transport;

public sealed class LoopListenerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_port_that_is_taken_is_said_to_be()
    {
        await using LoopListener listener = ConnectedPair.Listen();
        int port = ((IPEndPoint)listener.EndPoint).Port;

        Assert.NotEqual(0, port);
        Assert.Throws<AddressInUseException>(() => ConnectedPair.Listen(port: port));
    }

    [Fact]
    public async Task A_port_can_be_taken_again_once_it_is_left()
    {
        LoopListener listener = ConnectedPair.Listen();
        await listener.DisposeAsync();

        await using LoopListener next = ConnectedPair.Listen(port: ((IPEndPoint)listener.EndPoint).Port);
        Assert.Equal(listener.EndPoint, next.EndPoint);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1", "::1")]
    [InlineData("::", "127.0.0.1", "::ffff:127.0.0.1")]
    [InlineData("::", "::1", "::1")]
    public async Task Connections_know_their_addresses(string listen, string connect, string seen)
    {
        await using LoopListener listener = ConnectedPair.Listen(IPAddress.Parse(listen));
        using Socket client = new(IPAddress.Parse(connect).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Parse(connect), ((IPEndPoint)listener.EndPoint).Port, Stop);
        await using ConnectionContext connection = (await listener.AcceptAsync(Stop))!;

        IPEndPoint own = (IPEndPoint)client.LocalEndPoint!;
        Assert.Equal(new IPEndPoint(IPAddress.Parse(seen), own.Port), connection.RemoteEndPoint);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(seen), ((IPEndPoint)listener.EndPoint).Port), connection.LocalEndPoint);
    }

    [Fact]
    public async Task Accepting_ends_when_it_is_unbound()
    {
        LoopListener listener = ConnectedPair.Listen();
        Task<ConnectionContext?> accepting = listener.AcceptAsync(Stop).AsTask();
        await listener.UnbindAsync(Stop);

        Assert.Null(await accepting);
        Assert.Null(await listener.AcceptAsync(Stop));
    }
}

using System.Net.WebSockets;
using System.Text;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class WebSocketTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_flow_both_ways_and_closing_reaches_the_other_side()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(
            app =>
            {
                app.UseWebSockets();
                app.Run(EchoAsync);
            },
            services => services.AddLogging(),
            HttpProtocols.Http1);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(
            upstream, """ "rules": [ { "name": "one", "key": ["client-ip"], "limit": 1, "window": "1h" } ] """);
        Uri address = new UriBuilder(sidecar.Address) { Scheme = "ws", Path = "/live" }.Uri;

        using ClientWebSocket socket = new();
        await socket.ConnectAsync(address, Stop);
        byte[] buffer = new byte[100];
        foreach (string message in new[] { "one", "two", "three" })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, Stop);
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), Stop);
            Assert.Equal(message, Encoding.UTF8.GetString(buffer, 0, received.Count));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Stop);
        Assert.Equal("goodbye", socket.CloseStatusDescription);

        using ClientWebSocket second = new();
        second.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => second.ConnectAsync(address, Stop));
        Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, second.HttpStatusCode);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        byte[] buffer = new byte[100];
        while (true)
        {
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), Stop);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "goodbye", Stop);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, Stop);
        }
    }
}

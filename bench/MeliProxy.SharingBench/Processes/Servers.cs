using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MeliProxy.SharingBench.Processes;

/// <summary>The servers that quotas are kept in, each on a private port.</summary>
public static class Servers
{
    public static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public static async Task<Child> StartNatsAsync(string folder, int port)
    {
        Child server = Child.Start("nats-server", folder, "-js", "-sd", folder, "-a", "127.0.0.1", "-p", Text(port));
        await server.WaitForLineAsync("Server is ready");
        return server;
    }

    /// <summary>Redis as a cache: it saves nothing.</summary>
    public static async Task<Child> StartRedisAsync(string folder, int port)
    {
        Child server = Child.Start(
            "redis-server", folder, "--port", Text(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder);
        await server.WaitForLineAsync("Ready to accept connections");
        return server;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Net;
using System.Net.Sockets;
using MeliProxy.SharingBench.Load;

namespace MeliProxy.LoadBench.Processes;

/// <summary>Asks a server until it answers.</summary>
public static class Probe
{
    private const long Patience = 20 * Clock.Second;

    private static readonly byte[] Request = "GET /items HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"u8.ToArray();

    /// <summary>Returns as soon as it has answered with 200. Asks without pause, as it is also how a start is timed.</summary>
    public static Task WaitAsync(ServerProcess server, int port) => WaitAsync(server, () => IsAnswered(port));

    /// <summary>Returns as soon as it takes connections.</summary>
    public static Task WaitForConnectionAsync(ServerProcess server, int port) => WaitAsync(server, () => IsTaken(port));

    private static async Task WaitAsync(ServerProcess server, Func<bool> isReady)
    {
        long end = Clock.Now + Patience;
        while (!isReady())
        {
            if (server.HasExited || Clock.Now > end)
            {
                Task<IReadOnlyList<string>> output = server.ReadToEndAsync();
                server.Dispose();
                throw new InvalidOperationException($"A server did not start:\n{string.Join('\n', await output)}");
            }
        }
    }

    private static bool IsAnswered(int port) => IsTaken(port, socket =>
    {
        socket.Send(Request);
        byte[] answer = new byte[4096];
        int length = socket.Receive(answer);
        return answer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8);
    });

    private static bool IsTaken(int port, Func<Socket, bool>? isGood = null)
    {
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, port);
            return isGood is null || isGood(socket);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

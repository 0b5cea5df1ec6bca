using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MeliProxy.SharingBench.Load;

/// <summary>What is behind the proxies: it answers every GET with the same 300 bytes and does as little as it can.</summary>
public sealed class Upstream : IDisposable
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 300\r\n\r\n{new string('m', 300)}");

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public Upstream()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _ = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndPoint}";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket connection = await _listener.AcceptAsync();
                connection.NoDelay = true;
                _ = ServeAsync(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // That is how it ends.
        }
    }

    private static async Task ServeAsync(Socket connection)
    {
        using (connection)
        {
            byte[] buffer = new byte[8192];
            int length = 0;
            try
            {
                while (await connection.ReceiveAsync(buffer.AsMemory(length)) is int received and > 0)
                {
                    length += received;
                    while (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) is int end and >= 0)
                    {
                        await connection.SendAsync(Answer);
                        length -= end + 4;
                        buffer.AsSpan(end + 4, length).CopyTo(buffer);
                    }
                }
            }
            catch (SocketException)
            {
                // The proxy was killed.
            }
        }
    }
}

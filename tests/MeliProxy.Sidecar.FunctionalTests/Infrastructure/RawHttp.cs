using System.Net.Sockets;
using System.Text;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>Sends bytes as they are.</summary>
public static class RawHttp
{
    /// <summary>Reads the first line of the answer, and closes.</summary>
    public static async Task<string?> SendForStatusAsync(Uri address, string request, CancellationToken cancellationToken)
    {
        using TcpClient client = new();
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        using StreamReader reader = new(stream, Encoding.Latin1);
        return await reader.ReadLineAsync(cancellationToken);
    }

    /// <summary>Reads until the other side closes.</summary>
    public static async Task<string> SendAsync(Uri address, string request, CancellationToken cancellationToken)
    {
        using TcpClient client = new();
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), cancellationToken);
        using StreamReader reader = new(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}

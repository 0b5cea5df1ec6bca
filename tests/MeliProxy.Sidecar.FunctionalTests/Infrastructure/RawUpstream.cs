using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>An upstream that answers every connection's first bytes with the same bytes, whatever they are, and closes.</summary>
public sealed class RawUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    private RawUpstream(string answer)
    {
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _serving = ServeAsync(Encoding.Latin1.GetBytes(answer));
    }

    public Uri Address { get; }

    /// <summary>The first bytes of the last connection, up to 4 KB.</summary>
    public string LastRequest { get; private set; } = "";

    public static RawUpstream Start(string answer) => new(answer);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(byte[] answer)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                byte[] request = new byte[4096];
                int length = await client.GetStream().ReadAtLeastAsync(request, 1, throwOnEndOfStream: false, _stop.Token);
                LastRequest = Encoding.Latin1.GetString(request, 0, length);
                await client.GetStream().WriteAsync(answer, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}

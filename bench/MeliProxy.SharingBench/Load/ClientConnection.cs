using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace MeliProxy.SharingBench.Load;

/// <summary>A keep-alive connection to a proxy that makes one request at a time.</summary>
public sealed class ClientConnection(IPEndPoint proxy) : IDisposable
{
    private readonly byte[] _buffer = new byte[16_384];
    private Socket? _socket;
    private int _length;

    /// <summary>The last answer that came, head and body.</summary>
    public ReadOnlySpan<byte> Answer => _buffer.AsSpan(0, _length);

    /// <summary>Makes the request, and gives the status of the answer; 0 if there was none.</summary>
    public async ValueTask<int> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await _socket.ConnectAsync(proxy, cancellationToken);
            }

            await _socket.SendAsync(request, cancellationToken);
            _length = 0;
            while (await _socket.ReceiveAsync(_buffer.AsMemory(_length), cancellationToken) is int received and > 0)
            {
                _length += received;
                if (IsComplete(Answer, out int status))
                {
                    return status;
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // No answer, then.
        }

        Dispose();
        return 0;
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private static bool IsComplete(ReadOnlySpan<byte> answer, out int status)
    {
        status = 0;
        int head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0 || !Utf8Parser.TryParse(answer["HTTP/1.1 ".Length..], out status, out _))
        {
            return false;
        }

        ReadOnlySpan<byte> field = "Content-Length: "u8;
        int at = answer[..head].IndexOf(field);
        return at < 0
            ? answer.EndsWith("0\r\n\r\n"u8)
            : Utf8Parser.TryParse(answer[(at + field.Length)..], out int body, out _) && answer.Length >= head + 4 + body;
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.Server;

/// <summary>A server on loopback that answers as a test says, byte for byte.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public const string Stored = "HTTP/1.1 204 No Content\r\n\r\n";

    /// <summary>Not to answer at all.</summary>
    public const string Silence = "silence";

    /// <summary>Behind an answer: the connection is closed then.</summary>
    public const string Cut = "✂";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private readonly Task _run;
    private volatile Func<ReceivedRequest, string> _answer = _ => Stored;

    public ScriptedServer()
    {
        _listener.Start();
        Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _run = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>Requests so far.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    /// <summary>What it answers: bytes of HTTP or of something else, which <see cref="Cut"/> may follow, or <see cref="Silence"/>.</summary>
    public Func<ReceivedRequest, string> Answer
    {
        get => _answer;
        set => _answer = value;
    }

    public static string Status(int status, string body = "", string headers = "") => string.Create(
        CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Any\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}");

    public static string Error(int status, string message, string headers = "") =>
        Status(status, $$"""{"error":"{{message.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}""", headers);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _run;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                while (await ReadRequestAsync(stream) is { } request)
                {
                    string answer = Answer(request);
                    _requests.Enqueue(request);
                    if (answer == Silence)
                    {
                        await Task.Delay(Timeout.Infinite, _stopping.Token);
                    }

                    bool isCut = answer.EndsWith(Cut, StringComparison.Ordinal);
                    await stream.WriteAsync(Encoding.UTF8.GetBytes(isCut ? answer[..^Cut.Length] : answer), _stopping.Token);
                    if (isCut)
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // The client hung up, or the test is over.
            }
        }
    }

    private async Task<ReceivedRequest?> ReadRequestAsync(NetworkStream stream)
    {
        List<byte> head = [];
        byte[] one = new byte[1];
        while (head.Count < 4 || head is not [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'])
        {
            if (await stream.ReadAsync(one, _stopping.Token) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> headers = lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        byte[] body = new byte[int.Parse(headers["Content-Length"], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _stopping.Token);
        ReceivedRequest request = new(lines[0].Split(' ')[1], headers, "");
        return request with { Body = Encoding.UTF8.GetString(request.IsCompressed ? Decompress(body) : body) };
    }

    private static byte[] Decompress(byte[] body)
    {
        using GZipStream gzip = new(new MemoryStream(body), CompressionMode.Decompress);
        using MemoryStream plain = new();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}

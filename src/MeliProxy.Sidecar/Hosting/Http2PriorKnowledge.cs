using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>
/// Lets one cleartext port speak both HTTP/1.1 and HTTP/2 with prior knowledge (RFC 9113, section 3.3), as gRPC clients do without TLS.
/// </summary>
/// <remarks>
/// Kestrel runs one protocol on a cleartext endpoint. So there are two endpoints: the real one speaks HTTP/1.1, and one without a socket
/// speaks HTTP/2. A connection that begins with the HTTP/2 preface is handed from the first to the second:
/// <code>
/// socket ─▶ real endpoint ─▶ first bytes "PRI * HTTP/2.0…"? ──no──▶ HTTP/1.1
///                                                           └─yes─▶ HTTP/2 (of the endpoint without a socket)
/// </code>
/// </remarks>
internal sealed class Http2PriorKnowledge
{
    private readonly TimeSpan _firstBytesTimeout;
    private ConnectionDelegate? _http2;

    /// <param name="firstBytesTimeout">How long a new connection may take to say which protocol it speaks.</param>
    public Http2PriorKnowledge(TimeSpan firstBytesTimeout) => _firstBytesTimeout = firstBytesTimeout;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Adds the endpoint without a socket; once for each server.</summary>
    public void AddHttp2Endpoint(KestrelServerOptions kestrel) =>
        kestrel.Listen(new PriorKnowledgeEndPoint(), listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(next => _http2 = next);
        });

    /// <summary>Makes a cleartext HTTP/1.1 endpoint hand over connections that begin with the preface.</summary>
    public void Detect(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.Use(next => connection => ServeAsync(connection, next));
    }

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate http1)
    {
        bool isHttp2;
        using (CancellationTokenSource patience = StopOrTimeout(connection))
        {
            try
            {
                isHttp2 = await BeginsWithPrefaceAsync(connection.Transport.Input, patience.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ConnectionResetException or ConnectionAbortedException)
            {
                // Nothing was asked, so nothing is owed: the connection ends here.
                return;
            }
        }

        await (isHttp2 ? _http2! : http1)(connection);
    }

    /// <summary>Ends when the server stops or the first bytes have been waited for as long as headers are.</summary>
    private CancellationTokenSource StopOrTimeout(ConnectionContext connection)
    {
        CancellationToken stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(stopping, connection.ConnectionClosed);
        source.CancelAfter(_firstBytesTimeout);
        return source;
    }

    /// <summary>Looks at the first bytes without consuming them; only as many as are needed to tell.</summary>
    private static async ValueTask<bool> BeginsWithPrefaceAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            bool matches = Matches(buffer);
            bool decided = !matches || buffer.Length >= Preface.Length || result.IsCompleted || result.IsCanceled;
            input.AdvanceTo(buffer.Start, decided ? buffer.Start : buffer.End);
            if (decided)
            {
                return matches && buffer.Length >= Preface.Length;
            }
        }
    }

    private static bool Matches(in ReadOnlySequence<byte> buffer)
    {
        ReadOnlySpan<byte> expected = Preface;
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            int length = Math.Min(segment.Length, expected.Length);
            if (!segment.Span[..length].SequenceEqual(expected[..length]))
            {
                return false;
            }

            expected = expected[length..];
        }

        return true;
    }
}

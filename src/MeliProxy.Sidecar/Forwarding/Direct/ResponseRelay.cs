using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using MeliProxy.Sidecar.Usage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Reads an upstream's answer and hands it on to the client, as YARP would.</summary>
internal static class ResponseRelay
{
    /// <summary>Relays an answer of which the first bytes have come.</summary>
    /// <exception cref="UpstreamFaultException">It is invalid, or does not end as it should.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask RunAsync(HttpContext context, UpstreamConnection connection, TrafficExchange? traffic, TimeProvider time)
    {
        ResponseHead head = connection.Head;
        do
        {
            int length = head.Read(connection.Unread.Span);
            while (length == 0)
            {
                await ReadMoreOfHeadAsync(connection);
                length = head.Read(connection.Unread.Span);
            }

            connection.Consume(length);
            if (head.StatusCode == StatusCodes.Status101SwitchingProtocols)
            {
                // Nobody has asked for another protocol.
                throw new UpstreamFaultException(UpstreamFault.InvalidAnswer);
            }
        }
        while (head.StatusCode < StatusCodes.Status200OK);

        traffic?.Answer(time);
        connection.IsAnswered = true;
        CopyHead(context, head);
        if (HttpMethods.IsHead(context.Request.Method)
            || head.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified
            || head.ContentLength == 0)
        {
            return;
        }

        bool hasNoLength = !head.IsChunked && head.ContentLength < 0;
        if (hasNoLength)
        {
            head.EndWithConnection();
        }

        if (head.StatusCode == StatusCodes.Status205ResetContent)
        {
            if (hasNoLength)
            {
                return;
            }

            // It must not have a body (RFC 9110, section 15.3.6), and the server here sends none with it.
            throw new UpstreamFaultException(UpstreamFault.InvalidAnswer);
        }

        PipeWriter client = context.Response.BodyWriter;
        if (head.IsChunked)
        {
            await RelayChunksAsync(context, connection, client);
        }
        else
        {
            await RelayBytesAsync(context, connection, client, head.ContentLength);
        }
    }

    private static async ValueTask ReadMoreOfHeadAsync(UpstreamConnection connection)
    {
        if (!connection.MakeRoom())
        {
            throw new UpstreamFaultException(UpstreamFault.HeadTooLarge);
        }

        int received = await connection.ReadAsync();
        if (received == 0)
        {
            throw new UpstreamFaultException(UpstreamFault.ClosedBeforeAnswer);
        }

        connection.Received(received);
    }

    private static void CopyHead(HttpContext context, ResponseHead head)
    {
        HttpResponse response = context.Response;
        response.StatusCode = head.StatusCode;
        if (head.ReasonPhrase is { } reason && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = reason;
        }

        IHeaderDictionary headers = response.Headers;
        try
        {
            foreach (ref readonly ResponseField field in head.Fields)
            {
                if (field.Kind == ResponseFieldKind.EndToEnd)
                {
                    StringValues present = headers[field.Name];
                    headers[field.Name] = present.Count == 0 ? field.Value : StringValues.Concat(present, field.Value);
                }
            }
        }
        catch (InvalidOperationException e)
        {
            // A value has characters that the server does not send.
            throw new UpstreamFaultException(UpstreamFault.InvalidAnswer, e);
        }

        // Some servers send a length with 204, which HTTP forbids (RFC 9110, section 8.6).
        if (head.ContentLength >= 0
            && head.StatusCode != StatusCodes.Status204NoContent
            && !(head.ContentLength == 0 && head.StatusCode == StatusCodes.Status205ResetContent))
        {
            response.ContentLength = head.ContentLength;
        }
    }

    /// <param name="context">The request.</param>
    /// <param name="connection">Where the body comes from.</param>
    /// <param name="client">Where it goes.</param>
    /// <param name="length">How long it is; -1 if it goes on until the connection is closed.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask RelayBytesAsync(HttpContext context, UpstreamConnection connection, PipeWriter client, long length)
    {
        long left = length < 0 ? long.MaxValue : length;
        while (true)
        {
            int part = (int)Math.Min(left, connection.Unread.Length);
            if (part > 0)
            {
                Check(await client.WriteAsync(connection.Unread[..part]));
                connection.Consume(part);
                left -= part;
            }

            if (left == 0)
            {
                return;
            }

            connection.Move();
            ValueTask<int> reading = connection.ReadMoreAsync();
            if (length < 0 && !reading.IsCompleted && !context.Response.HasStarted)
            {
                // It may be long until there is something, and the client may want to know that it was heard.
                Check(await client.FlushAsync());
            }

            int received = await reading;
            if (received == 0)
            {
                if (length < 0)
                {
                    return;
                }

                throw new UpstreamFaultException(UpstreamFault.ClosedInBody);
            }

            connection.Received(received);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask RelayChunksAsync(HttpContext context, UpstreamConnection connection, PipeWriter client)
    {
        ChunkedDecoder chunks = connection.Chunks;
        chunks.Reset();
        chunks.Trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers ? trailers : null;
        while (true)
        {
            int consumed = chunks.Decode(connection.Unread.Span, out int produced);
            if (produced > 0)
            {
                Check(await client.WriteAsync(connection.Unread[..produced]));
            }

            connection.Consume(consumed);
            if (chunks.IsDone)
            {
                return;
            }

            connection.Move();
            ValueTask<int> reading = connection.ReadMoreAsync();
            if (!reading.IsCompleted && !context.Response.HasStarted)
            {
                Check(await client.FlushAsync());
            }

            int received = await reading;
            if (received == 0)
            {
                throw new UpstreamFaultException(UpstreamFault.ClosedInBody);
            }

            connection.Received(received);
        }
    }

    private static void Check(FlushResult flushed)
    {
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new UpstreamFaultException(UpstreamFault.ClientLeft);
        }
    }
}

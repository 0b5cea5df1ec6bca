using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using MeliProxy.Sidecar.Usage;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Sends a request that has a body.</summary>
internal static class RequestBody
{
    private const int BufferLength = 64 * 1024;

    /// <summary>Room before a part for the line that says how long it is, and after it for the end of the chunk.</summary>
    private const int ChunkLine = 10;
    private const int ChunkEnd = 2;

    /// <summary>Sends head and body; the first part of the body goes with the head if it is there already.</summary>
    /// <param name="connection">Over which.</param>
    /// <param name="body">The body. What was not sent is left in it, so that the server can go on with it.</param>
    /// <param name="isChunked">Whether it goes in chunks.</param>
    /// <param name="traffic">Told what is read of the body.</param>
    /// <exception cref="UpstreamFaultException">It could not be sent, or the client did not send it.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask SendAsync(UpstreamConnection connection, PipeReader body, bool isChunked, TrafficExchange? traffic)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        ValueTask<ReadResult>? pending = null;
        try
        {
            ReadOnlyMemory<byte> head = connection.Out.Written;
            int unsent = 0;
            if (head.Length > buffer.Length / 2)
            {
                await WriteAsync(connection, head);
            }
            else
            {
                head.CopyTo(buffer);
                unsent = head.Length;
            }

            bool isCompleted = false;
            while (!isCompleted)
            {
                ValueTask<ReadResult> reading = body.ReadAsync(CancellationToken.None);
                if (!reading.IsCompleted && unsent > 0)
                {
                    pending = reading;
                    await WriteAsync(connection, buffer.AsMemory(0, unsent));
                    unsent = 0;
                }

                pending = null;
                ReadResult result = await ReadAsync(connection, reading);
                ReadOnlySequence<byte> rest = result.Buffer;
                try
                {
                    if (result.IsCanceled)
                    {
                        throw GivenUp(connection, new OperationCanceledException());
                    }

                    while (!rest.IsEmpty)
                    {
                        int start = unsent + (isChunked ? ChunkLine : 0);
                        int length = (int)Math.Min(rest.Length, buffer.Length - start - ChunkEnd);
                        rest.Slice(0, length).CopyTo(buffer.AsSpan(start));
                        rest = rest.Slice(length);
                        traffic?.Read(length);
                        Memory<byte> part = isChunked ? Frame(buffer, start, length) : buffer.AsMemory(start, length);
                        if (unsent > 0)
                        {
                            // Head and part go together only if they lie together.
                            part.CopyTo(buffer.AsMemory(unsent));
                            part = buffer.AsMemory(0, unsent + part.Length);
                            unsent = 0;
                        }

                        await WriteAsync(connection, part);
                    }
                }
                finally
                {
                    body.AdvanceTo(rest.Start);
                }

                isCompleted = result.IsCompleted;
            }

            if (isChunked)
            {
                "0\r\n\r\n"u8.CopyTo(buffer.AsSpan(unsent));
                unsent += 5;
            }

            if (unsent > 0)
            {
                await WriteAsync(connection, buffer.AsMemory(0, unsent));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (pending is { } unread)
            {
                await GiveUpAsync(body, unread);
            }
        }
    }

    /// <summary>Puts the length of a part before it and the end of a chunk after it.</summary>
    private static Memory<byte> Frame(byte[] buffer, int start, int length)
    {
        Span<byte> line = stackalloc byte[ChunkLine];
        length.TryFormat(line, out int digits, "x", CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(line[digits..]);
        digits += 2;
        line[..digits].CopyTo(buffer.AsSpan(start - digits));
        "\r\n"u8.CopyTo(buffer.AsSpan(start + length));
        return buffer.AsMemory(start - digits, digits + length + ChunkEnd);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<ReadResult> ReadAsync(UpstreamConnection connection, ValueTask<ReadResult> reading)
    {
        try
        {
            connection.AwaitsClient = true;
            ReadResult result = await reading;
            connection.Move();
            return result;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            throw GivenUp(connection, e);
        }
        finally
        {
            connection.AwaitsClient = false;
        }
    }

    /// <summary>Ends a read that nobody waits for any more, so that the server can go on with the body.</summary>
    private static async ValueTask GiveUpAsync(PipeReader body, ValueTask<ReadResult> reading)
    {
        body.CancelPendingRead();
        try
        {
            ReadResult result = await reading;
            body.AdvanceTo(result.Buffer.Start);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Why it is given up is said already.
        }
    }

    /// <summary>The upstream is not to take what it has for all, and nobody is to wait for its answer.</summary>
    private static UpstreamFaultException GivenUp(UpstreamConnection connection, Exception reason)
    {
        connection.Close();
        return new UpstreamFaultException(UpstreamFault.RequestBodyFailed, reason);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask WriteAsync(UpstreamConnection connection, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await connection.WriteAsync(bytes);
            connection.Move();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new UpstreamFaultException(UpstreamFault.RequestNotTaken, e);
        }
    }
}

using System.Buffers;
using System.Globalization;
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
    /// <param name="body">The body.</param>
    /// <param name="isChunked">Whether it goes in chunks.</param>
    /// <param name="traffic">Told what is read of the body.</param>
    /// <param name="cancellationToken">Gives up reading the body.</param>
    /// <exception cref="UpstreamFaultException">It could not be sent, or the client did not send it.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask SendAsync(UpstreamConnection connection, Stream body, bool isChunked, TrafficExchange? traffic, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
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

            while (true)
            {
                int start = unsent + (isChunked ? ChunkLine : 0);
                ValueTask<int> reading = body.ReadAsync(buffer.AsMemory(start, buffer.Length - start - ChunkEnd), cancellationToken);
                if (!reading.IsCompleted && unsent > 0)
                {
                    await WriteAsync(connection, buffer.AsMemory(0, unsent));
                    unsent = 0;

                    // What is being read goes where it was to go; there is nothing before it any more.
                    int length = await ReadAsync(connection, reading, traffic);
                    if (length == 0)
                    {
                        break;
                    }

                    await WriteAsync(connection, isChunked ? Frame(buffer, start, length) : buffer.AsMemory(start, length));
                    continue;
                }

                int read = await ReadAsync(connection, reading, traffic);
                if (read == 0)
                {
                    break;
                }

                Memory<byte> part = buffer.AsMemory(start, read);
                if (isChunked)
                {
                    part = Frame(buffer, start, read);
                    if (unsent > 0)
                    {
                        // Head and chunk go together only if they lie together.
                        part.CopyTo(buffer.AsMemory(unsent));
                        part = buffer.AsMemory(0, unsent + part.Length);
                    }
                }
                else if (unsent > 0)
                {
                    part = buffer.AsMemory(0, unsent + read);
                }

                unsent = 0;
                await WriteAsync(connection, part);
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
    private static async ValueTask<int> ReadAsync(UpstreamConnection connection, ValueTask<int> reading, TrafficExchange? traffic)
    {
        try
        {
            int read = await reading;
            connection.Move();
            traffic?.Read(read);
            return read;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The upstream is not to take what it has for all, and nobody is to wait for its answer.
            connection.Close();
            throw new UpstreamFaultException(UpstreamFault.RequestBodyFailed, e);
        }
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

using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using MeliProxy.Sidecar.Transport;
using Microsoft.AspNetCore.Connections;

namespace MeliProxy.Sidecar.Tests.Transport;

public sealed class LoopConnectionTests
{
    private const int Megabyte = 1024 * 1024;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_connections_each_get_back_what_they_sent()
    {
        await using LoopListener listener = ConnectedPair.Listen();
        Task serving = ServeAsync(listener);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            using Socket client = new(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(listener.EndPoint, Stop);
            for (int i = 0; i < 50; i++)
            {
                byte[] sent = Encoding.ASCII.GetBytes($"{number} says {i}");
                await client.SendAsync(sent, Stop);
                Assert.Equal(sent, await ReceiveAsync(client, sent.Length));
            }
        }));
        await listener.UnbindAsync(Stop);
        await serving;
    }

    [Fact]
    public async Task Much_data_goes_both_ways_at_once_and_back_pressure_holds_it()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync(clientBuffer: 4096);
        Task echoing = EchoAsync(pair.Server);
        byte[] sent = Noise(24 * Megabyte);
        Task sending = Task.Run(
            async () =>
            {
                for (int at = 0; at < sent.Length;)
                {
                    at += await pair.Client.SendAsync(sent.AsMemory(at), Stop);
                }

                pair.Client.Shutdown(SocketShutdown.Send);
            },
            Stop);

        byte[] received = await ReceiveAsync(pair.Client, sent.Length);

        Assert.True(sent.AsSpan().SequenceEqual(received));
        Assert.Equal(0, await pair.Client.ReceiveAsync(new byte[1], Stop));
        await sending;
        await echoing;
    }

    [Fact]
    public async Task A_flush_waits_for_a_client_that_takes_nothing_and_ends_when_it_does()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync(clientBuffer: 4096);
        (ValueTask<FlushResult> flush, int written) = FillUp(pair.Server.Transport.Output);

        byte[] received = await ReceiveAsync(pair.Client, written);

        Assert.False((await flush).IsCompleted);
        Assert.True(Noise(Megabyte).AsSpan().SequenceEqual(received.AsSpan(written - Megabyte)));
    }

    [Fact]
    public async Task A_client_that_has_said_all_is_still_answered()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync();
        await pair.Client.SendAsync("ask"u8.ToArray(), Stop);
        pair.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("ask", await ReadToEndAsync(pair.Server.Transport.Input));
        await ClosedAsync(pair.Server);
        await pair.Server.Transport.Output.WriteAsync("answer"u8.ToArray(), Stop);
        await pair.Server.DisposeAsync();

        Assert.Equal("answer", Encoding.ASCII.GetString(await ReceiveAsync(pair.Client, 6)));
        Assert.Equal(0, await pair.Client.ReceiveAsync(new byte[1], Stop));
    }

    [Fact]
    public async Task That_a_client_leaves_is_noticed_while_nobody_reads_and_what_it_said_before_is_kept()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync();
        await pair.Client.SendAsync("before"u8.ToArray(), Stop);
        ReadResult first = await pair.Server.Transport.Input.ReadAsync(Stop);
        pair.Server.Transport.Input.AdvanceTo(first.Buffer.GetPosition(3));

        await pair.Client.SendAsync(" it left"u8.ToArray(), Stop);
        pair.Client.Shutdown(SocketShutdown.Send);
        await ClosedAsync(pair.Server);

        Assert.Equal("ore it left", await ReadToEndAsync(pair.Server.Transport.Input));
    }

    [Fact]
    public async Task What_is_left_by_a_client_that_has_gone_is_read_to_the_end_however_much_it_is()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync();
        byte[] sent = Noise(3 * Megabyte);
        Task sending = Task.Run(
            async () =>
            {
                for (int at = 0; at < sent.Length;)
                {
                    at += await pair.Client.SendAsync(sent.AsMemory(at), Stop);
                }

                pair.Client.Shutdown(SocketShutdown.Send);
            },
            Stop);
        MemoryStream received = new();
        await pair.Server.Transport.Input.CopyToAsync(received, Stop);

        await sending;
        await ClosedAsync(pair.Server);
        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()));
    }

    [Fact]
    public async Task A_reset_is_noticed_while_nobody_reads_and_said_to_who_reads()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync();
        ResetBy(pair.Client);

        await ClosedAsync(pair.Server);
        await Assert.ThrowsAsync<ConnectionResetException>(async () => await pair.Server.Transport.Input.ReadAsync(Stop));
        Assert.True((await pair.Server.Transport.Output.WriteAsync("answer"u8.ToArray(), Stop)).IsCompleted);
    }

    [Fact]
    public async Task A_reset_ends_a_read_and_a_flush_that_wait()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync(clientBuffer: 4096);
        Task<ReadResult> reading = pair.Server.Transport.Input.ReadAsync(Stop).AsTask();
        (ValueTask<FlushResult> flush, _) = FillUp(pair.Server.Transport.Output);
        ResetBy(pair.Client);

        await Assert.ThrowsAsync<ConnectionResetException>(() => reading);
        Assert.True((await flush).IsCompleted);
        await ClosedAsync(pair.Server);
    }

    [Fact]
    public async Task An_abort_ends_a_read_and_a_flush_that_wait_and_resets_the_client()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync(clientBuffer: 4096);
        Task<ReadResult> reading = pair.Server.Transport.Input.ReadAsync(Stop).AsTask();
        (ValueTask<FlushResult> flush, _) = FillUp(pair.Server.Transport.Output);

        pair.Server.Abort(new ConnectionAbortedException("enough"));

        Assert.Equal("enough", (await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading)).Message);
        Assert.True((await flush).IsCompleted);
        await ClosedAsync(pair.Server);
        SocketException error = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            byte[] buffer = new byte[Megabyte];
            while (await pair.Client.ReceiveAsync(buffer, Stop) > 0)
            {
            }
        });
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task Aborts_by_several_threads_while_data_flows_end_everything_once()
    {
        for (int i = 0; i < 100; i++)
        {
            await using ConnectedPair pair = await ConnectedPair.CreateAsync();
            Task echoing = EchoAsync(pair.Server);
            Task sending = Task.Run(
                async () =>
                {
                    byte[] some = Noise(1000);
                    try
                    {
                        while (true)
                        {
                            await pair.Client.SendAsync(some, Stop);
                            await pair.Client.ReceiveAsync(some, Stop);
                        }
                    }
                    catch (SocketException)
                    {
                        // As it should be.
                    }
                },
                Stop);
            Parallel.For(0, 4, _ => pair.Server.Abort(new ConnectionAbortedException("enough")));
            await sending;
            await echoing;
        }
    }

    [Fact]
    public async Task A_read_that_waits_can_be_cancelled_and_the_next_one_reads()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync();
        PipeReader input = pair.Server.Transport.Input;
        Task<ReadResult> reading = input.ReadAsync(Stop).AsTask();
        input.CancelPendingRead();
        Assert.True((await reading).IsCanceled);

        input.CancelPendingRead();
        Assert.True((await input.ReadAsync(Stop)).IsCanceled);

        using CancellationTokenSource source = new();
        reading = input.ReadAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        reading = input.ReadAsync(Stop).AsTask();
        await pair.Client.SendAsync("still there"u8.ToArray(), Stop);
        ReadResult result = await reading;
        Assert.Equal("still there", Encoding.ASCII.GetString(result.Buffer));
        Assert.False(result.IsCanceled);
    }

    [Fact]
    public async Task Cancelling_a_read_over_and_over_while_data_comes_loses_nothing()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync();
        byte[] sent = Noise(200_000);
        Task sending = Task.Run(
            async () =>
            {
                for (int at = 0; at < sent.Length; at += 100)
                {
                    await pair.Client.SendAsync(sent.AsMemory(at, 100), Stop);
                }

                pair.Client.Shutdown(SocketShutdown.Send);
            },
            Stop);
        Task cancelling = Task.Run(
            async () =>
            {
                while (!sending.IsCompleted)
                {
                    pair.Server.Transport.Input.CancelPendingRead();
                    await Task.Yield();
                }
            },
            Stop);
        MemoryStream received = new();
        while (true)
        {
            ReadResult result = await pair.Server.Transport.Input.ReadAsync(Stop);
            received.Write(result.Buffer.ToArray());
            pair.Server.Transport.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        await sending;
        await cancelling;
        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()));
    }

    [Fact]
    public async Task A_flush_that_waits_can_be_cancelled_and_what_was_written_still_arrives()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync(clientBuffer: 4096);
        PipeWriter output = pair.Server.Transport.Output;
        (ValueTask<FlushResult> flush, int written) = FillUp(output);
        output.CancelPendingFlush();
        Assert.True((await flush).IsCanceled);

        using CancellationTokenSource source = new();
        Task<FlushResult> flushing = output.FlushAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flushing);

        output.Write("end"u8);
        flushing = output.FlushAsync(Stop).AsTask();
        byte[] received = await ReceiveAsync(pair.Client, written + 3);
        Assert.False((await flushing).IsCanceled);
        Assert.Equal("end", Encoding.ASCII.GetString(received.AsSpan(written)));
    }

    [Fact]
    public async Task What_is_examined_and_not_consumed_is_seen_again_with_what_comes_after_it()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync();
        PipeReader input = pair.Server.Transport.Input;
        await pair.Client.SendAsync("one"u8.ToArray(), Stop);
        ReadResult result = await input.ReadAsync(Stop);
        input.AdvanceTo(result.Buffer.Start, result.Buffer.Start);
        Assert.True(input.TryRead(out result));
        Assert.Equal("one", Encoding.ASCII.GetString(result.Buffer));
        input.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        Assert.False(input.TryRead(out _));

        Task<ReadResult> reading = input.ReadAsync(Stop).AsTask();
        Assert.False(reading.IsCompleted);
        byte[] more = Noise(20_000);
        await pair.Client.SendAsync(more, Stop);
        result = await reading;
        while (result.Buffer.Length < more.Length + 2)
        {
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await input.ReadAsync(Stop);
        }

        Assert.Equal([.. "ne"u8, .. more], result.Buffer.ToArray());
        input.AdvanceTo(result.Buffer.End);
    }

    [Fact]
    public async Task All_that_was_written_is_sent_before_the_end()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync(clientBuffer: 4096);
        byte[] sent = Noise(10 * Megabyte);
        pair.Server.Transport.Output.Write(sent);
        Task disposing = pair.Server.DisposeAsync().AsTask();

        byte[] received = await ReceiveAsync(pair.Client, sent.Length);
        Assert.True(sent.AsSpan().SequenceEqual(received));
        Assert.Equal(0, await pair.Client.ReceiveAsync(new byte[1], Stop));
        await disposing;
    }

    [Fact]
    public async Task A_writer_that_fails_resets_the_client()
    {
        await using ConnectedPair pair = await ConnectedPair.CreateAsync();
        pair.Server.Transport.Output.Write("part"u8);
        await pair.Server.Transport.Output.CompleteAsync(new InvalidOperationException("lost the rest"));
        await pair.Server.DisposeAsync();

        SocketException error = await Assert.ThrowsAsync<SocketException>(async () => await pair.Client.ReceiveAsync(new byte[10], Stop));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    private static async Task ServeAsync(LoopListener listener)
    {
        List<Task> all = [];
        while (await listener.AcceptAsync(Stop) is { } connection)
        {
            all.Add(ServeOneAsync(connection));
        }

        await Task.WhenAll(all);

        static async Task ServeOneAsync(ConnectionContext connection)
        {
            await EchoAsync(connection);
            await connection.DisposeAsync();
        }
    }

    private static async Task EchoAsync(ConnectionContext connection)
    {
        try
        {
            while (true)
            {
                ReadResult read = await connection.Transport.Input.ReadAsync(Stop);
                foreach (ReadOnlyMemory<byte> part in read.Buffer)
                {
                    connection.Transport.Output.Write(part.Span);
                }

                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                FlushResult flush = await connection.Transport.Output.FlushAsync(Stop);
                if (read.IsCompleted || flush.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (ConnectionAbortedException)
        {
            return;
        }
        catch (ConnectionResetException)
        {
            return;
        }

        await connection.Transport.Output.CompleteAsync();
        await connection.DisposeAsync();
    }

    /// <summary>Writes until the system takes no more.</summary>
    private static (ValueTask<FlushResult> Flush, int Written) FillUp(PipeWriter output)
    {
        byte[] part = Noise(Megabyte);
        int written = 0;
        while (true)
        {
            output.Write(part);
            written += part.Length;
#pragma warning disable CA2012 // Handed on, once.
            ValueTask<FlushResult> flush = output.FlushAsync(Stop);
#pragma warning restore CA2012
            if (!flush.IsCompleted)
            {
                return (flush, written);
            }
        }
    }

    private static async Task<string> ReadToEndAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(Stop);
            if (result.IsCompleted)
            {
                string text = Encoding.ASCII.GetString(result.Buffer);
                input.AdvanceTo(result.Buffer.End);
                return text;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int length)
    {
        byte[] received = new byte[length];
        for (int at = 0; at < length;)
        {
            int some = await socket.ReceiveAsync(received.AsMemory(at), Stop);
            Assert.NotEqual(0, some);
            at += some;
        }

        return received;
    }

    private static async Task ClosedAsync(ConnectionContext connection)
    {
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (connection.ConnectionClosed.Register(closed.SetResult))
        {
            await closed.Task.WaitAsync(Stop);
        }
    }

    private static void ResetBy(Socket client)
    {
        client.LingerState = new LingerOption(true, 0);
        client.Close();
    }

    private static byte[] Noise(int length)
    {
        byte[] noise = new byte[length];
        uint state = 1;
        for (int i = 0; i < length; i++)
        {
            state = (state * 1664525) + 1013904223;
            noise[i] = (byte)(state >> 24);
        }

        return noise;
    }
}

using System.Net;
using System.Net.Sockets;
using MeliProxy.Sidecar.Transport;

namespace MeliProxy.Sidecar.Tests.Transport;

public sealed class LoopStreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_sent_arrives_and_what_comes_is_read_until_the_end()
    {
        (LoopStream stream, Socket other) = await ConnectAsync();
        byte[] much = new byte[8 * 1024 * 1024];
        Random.Shared.NextBytes(much);
        Task<byte[]> receiving = ReadToEndAsync(new NetworkStream(other), much.Length);
        await stream.WriteAsync(much, Stop);
        byte[] received = await receiving;
        Assert.True(much.AsSpan().SequenceEqual(received));

        Task<byte[]> reading = ReadToEndAsync(stream, much.Length);
        for (int at = 0; at < much.Length;)
        {
            at += await other.SendAsync(much.AsMemory(at), Stop);
        }

        received = await reading;
        Assert.True(much.AsSpan().SequenceEqual(received));
        other.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await stream.ReadAsync(new byte[1], Stop));
        await stream.DisposeAsync();
        Assert.Equal(0, await other.ReceiveAsync(new byte[1], Stop));
        other.Dispose();
    }

    [Fact]
    public async Task A_name_is_looked_up()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        await using LoopStream stream = await LoopStream.ConnectAsync(
            new DnsEndPoint("localhost", ((IPEndPoint)listener.LocalEndpoint).Port), Stop);
        using Socket other = await listener.AcceptSocketAsync(Stop);
        await other.SendAsync(new byte[] { 7 }, Stop);
        byte[] buffer = new byte[2];
        Assert.Equal(1, await stream.ReadAsync(buffer, Stop));
        Assert.Equal(7, buffer[0]);
    }

    [Fact]
    public async Task That_nobody_listens_is_said()
    {
        using Socket bound = new(SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        SocketException error = await Assert.ThrowsAsync<SocketException>(
            () => LoopStream.ConnectAsync(bound.LocalEndPoint!, Stop));
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Fact]
    public async Task Connecting_can_be_cancelled()
    {
        // With its backlog full, a listener answers nobody.
        using Socket full = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        using Socket first = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(full.LocalEndPoint!, Stop);

        using CancellationTokenSource source = new();
        Task<LoopStream> connecting = LoopStream.ConnectAsync(full.LocalEndPoint!, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
    }

    [Fact]
    public async Task A_reset_fails_a_read_that_waits()
    {
        (LoopStream stream, Socket other) = await ConnectAsync();
        Task<int> reading = stream.ReadAsync(new byte[1], Stop).AsTask();
        other.LingerState = new LingerOption(true, 0);
        other.Close();

        IOException error = await Assert.ThrowsAsync<IOException>(() => reading);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task A_read_that_waits_can_be_cancelled_and_the_next_one_reads()
    {
        (LoopStream stream, Socket other) = await ConnectAsync();
        using CancellationTokenSource source = new();
        Task<int> reading = stream.ReadAsync(new byte[1], source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        reading = stream.ReadAsync(new byte[1], Stop).AsTask();
        await other.SendAsync(new byte[] { 7 }, Stop);
        Assert.Equal(1, await reading);
        other.Dispose();
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task An_empty_read_waits_for_something_to_read()
    {
        (LoopStream stream, Socket other) = await ConnectAsync();
        Task<int> waiting = stream.ReadAsync(Memory<byte>.Empty, Stop).AsTask();
        Assert.False(waiting.IsCompleted);
        await other.SendAsync(new byte[] { 7 }, Stop);
        Assert.Equal(0, await waiting);
        Assert.Equal(1, await stream.ReadAsync(new byte[2], Stop));
        other.Dispose();
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task Closing_by_several_threads_while_it_reads_and_writes_ends_both()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        for (int i = 0; i < 200; i++)
        {
            LoopStream stream = await LoopStream.ConnectAsync(listener.LocalEndpoint, Stop);
            using Socket other = await listener.AcceptSocketAsync(Stop);
            Task reading = UntilItFailsAsync(() => stream.ReadAsync(new byte[1], Stop).AsTask());
            Task writing = UntilItFailsAsync(() => stream.WriteAsync(new byte[100_000], Stop).AsTask());
            Parallel.For(0, 3, _ => stream.Dispose());
            await reading;
            await writing;
        }
    }

    [Fact]
    public async Task Sockets_that_always_have_something_keep_no_others_waiting()
    {
        List<(LoopStream Stream, Socket Other)> greedy = [];
        List<Task> running = [];
        for (int i = 0; i < 2 * Environment.ProcessorCount; i++)
        {
            (LoopStream Stream, Socket Other) pair = await ConnectAsync();
            greedy.Add(pair);
            byte[] buffer = new byte[10];
            running.Add(UntilItFailsAsync(() => pair.Stream.ReadAsync(buffer, Stop).AsTask()));
            running.Add(UntilItFailsAsync(() => pair.Other.SendAsync(new byte[100_000], Stop).AsTask()));
        }

        for (int i = 0; i < 2 * Environment.ProcessorCount; i++)
        {
            (LoopStream stream, Socket other) = await ConnectAsync();
            for (int j = 0; j < 10; j++)
            {
                await other.SendAsync(new byte[] { 7 }, Stop);
                await stream.ReadExactlyAsync(new byte[1], Stop);
            }

            other.Dispose();
            await stream.DisposeAsync();
        }

        greedy.ForEach(pair => pair.Stream.Dispose());
        await Task.WhenAll(running);
        greedy.ForEach(pair => pair.Other.Dispose());
    }

    private static async Task UntilItFailsAsync(Func<Task> operation)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                await operation();
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // As it should be.
        }
    }

    private static async Task<(LoopStream Stream, Socket Other)> ConnectAsync()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        LoopStream stream = await LoopStream.ConnectAsync(listener.LocalEndpoint, Stop);
        return (stream, await listener.AcceptSocketAsync(Stop));
    }

    private static async Task<byte[]> ReadToEndAsync(Stream stream, int length)
    {
        byte[] received = new byte[length];
        await stream.ReadExactlyAsync(received, Stop);
        return received;
    }
}

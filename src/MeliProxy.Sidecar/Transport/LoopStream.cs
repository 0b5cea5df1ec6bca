using System.Net;
using System.Net.Sockets;

namespace MeliProxy.Sidecar.Transport;

/// <summary>A connected socket as a stream: one reads and one writes at a time. What had to be waited for goes on on its loop's thread.</summary>
internal sealed class LoopStream : Stream, ILoopSocketUser, IProbedStream
{
    private readonly LoopSocket _socket;
    private readonly StreamReceive _receive;
    private readonly StreamSend _send;
    private TaskCompletionSource? _connecting;

    private LoopStream(int descriptor, EventLoop loop)
    {
        _socket = new LoopSocket(descriptor, loop, this, isSendable: false);
        _receive = new StreamReceive(_socket);
        _send = new StreamSend(_socket);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Connects, on the loop whose thread this is if it is one's.</summary>
    /// <exception cref="SocketException">There is no such name, or nobody takes connections there.</exception>
    public static async Task<LoopStream> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        EventLoop loop = EventLoop.Current ?? EventLoops.Next();
        if (endPoint is IPEndPoint address)
        {
            return await ConnectAsync(address, loop, cancellationToken);
        }

        DnsEndPoint name = (DnsEndPoint)endPoint;
        SocketException? failure = null;
        foreach (IPAddress one in await Dns.GetHostAddressesAsync(name.Host, cancellationToken))
        {
            try
            {
                return await ConnectAsync(new IPEndPoint(one, name.Port), loop, cancellationToken);
            }
            catch (SocketException e)
            {
                failure = e;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    public void Probe() => _socket.Probe();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _receive.RunAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _send.RunAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    void ILoopSocketUser.OnReceivable() => _receive.GoOn();

    void ILoopSocketUser.OnSendable()
    {
        if (Interlocked.Exchange(ref _connecting, null) is { } connecting)
        {
            connecting.SetResult();
        }
        else
        {
            _send.GoOn();
        }
    }

    void ILoopSocketUser.OnPeerClosed()
    {
        // The next read finds out.
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Close();
        }

        base.Dispose(disposing);
    }

    private static async Task<LoopStream> ConnectAsync(IPEndPoint address, EventLoop loop, CancellationToken cancellationToken)
    {
        int descriptor = SocketCalls.BeginConnect(address);
        LoopStream stream = new(descriptor, loop);
        try
        {
            await stream.FinishConnectAsync(cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private async Task FinishConnectAsync(CancellationToken cancellationToken)
    {
        // It goes on on the loop.
        TaskCompletionSource connected = new();
        _connecting = connected;
        if (!_socket.TryAwaitSendable())
        {
            connected.TrySetResult();
        }

        _socket.Start();
        using (cancellationToken.UnsafeRegister(static stream => ((LoopStream)stream!)._socket.Close(), this))
        {
            await connected.Task;
        }

        cancellationToken.ThrowIfCancellationRequested();
        int errno = _socket.ConnectResult();
        if (errno != 0)
        {
            throw Errno.ToException(errno);
        }
    }
}

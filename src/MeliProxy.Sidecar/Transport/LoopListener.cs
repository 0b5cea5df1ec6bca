using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace MeliProxy.Sidecar.Transport;

/// <summary>Takes connections at an address, and deals them to the loops in turn.</summary>
internal sealed class LoopListener : IConnectionListener, ILoopSocketUser
{
    private const int Backlog = 512;

    /// <summary>How long to wait when the system has no room for another connection.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(50);

    private static long s_lastId;

    private readonly TimeProvider _time;
    private readonly LoopSocket _socket;
    private readonly MemoryPool<byte> _memoryPool;
    private TaskCompletionSource? _waiting;

    private LoopListener(int descriptor, EndPoint endPoint, MemoryPool<byte> memoryPool, TimeProvider time)
    {
        EndPoint = endPoint;
        _time = time;
        _memoryPool = memoryPool;
        _socket = new LoopSocket(descriptor, EventLoops.First, this, isSendable: false);

        // Names of connections in logs are not those of runs before.
        Interlocked.CompareExchange(ref s_lastId, time.GetUtcNow().Ticks, 0);
        _socket.Start();
    }

    public EndPoint EndPoint { get; }

    /// <exception cref="AddressInUseException">Somebody listens there already.</exception>
    /// <exception cref="SocketException">It cannot be listened there.</exception>
    public static LoopListener Bind(IPEndPoint endPoint, MemoryPool<byte> memoryPool, TimeProvider time)
    {
        using Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (endPoint.Address.Equals(IPAddress.IPv6Any))
        {
            socket.DualMode = true;
        }

        try
        {
            socket.Bind(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        socket.Listen(Backlog);
        socket.Blocking = false;
        int descriptor = LibC.Control((int)socket.SafeHandle.DangerousGetHandle(), LibC.DuplicateCloseOnExec, 0);
        return descriptor < 0
            ? throw Errno.ToException(Errno.Last())
            : new LoopListener(descriptor, socket.LocalEndPoint!, memoryPool, time);
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            int descriptor = Accept(out EndPoint? remote);
            switch (descriptor)
            {
                case >= 0:
                    if (TryTake(descriptor, remote) is { } connection)
                    {
                        return connection;
                    }

                    break;
                case -Errno.BadDescriptor:
                    return null;
                case -Errno.TryAgain:
                    await WaitAsync();
                    break;
                case -Errno.TooManyFiles or -Errno.FileTableFull or -Errno.NoBuffers or -Errno.NoMemory:
                    await Task.Delay(s_patience, _time, cancellationToken);
                    break;
                default:
                    // That one has gone before it could be taken.
                    break;
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Close();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    void ILoopSocketUser.OnReceivable() => Interlocked.Exchange(ref _waiting, null)?.SetResult();

    void ILoopSocketUser.OnSendable()
    {
    }

    void ILoopSocketUser.OnPeerClosed()
    {
    }

    private int Accept(out EndPoint? remote)
    {
        Span<byte> address = stackalloc byte[SocketCalls.AddressSize];
        int descriptor = _socket.Accept(address, out int length);
        remote = descriptor < 0 ? null : SocketCalls.ToEndPoint(address[..Math.Min(length, address.Length)]);
        return descriptor;
    }

    private LoopConnection? TryTake(int descriptor, EndPoint? remote)
    {
        SocketCalls.SetNoDelay(descriptor);
        LoopConnection connection = new(
            Interlocked.Increment(ref s_lastId).ToString("X", CultureInfo.InvariantCulture), descriptor, EventLoops.Next(), SocketCalls.LocalEndPoint(descriptor), remote, _memoryPool);
        try
        {
            connection.Start();
            return connection;
        }
        catch (SocketException e)
        {
            // The system has no room for its events; others are still taken.
            connection.Abort(new ConnectionAbortedException(e.Message, e));
            return null;
        }
    }

    private Task WaitAsync()
    {
        // It goes on on the loop.
        TaskCompletionSource waiting = new();
        _waiting = waiting;
        if (!_socket.TryAwaitReceivable())
        {
            _waiting = null;
            waiting.TrySetResult();
        }

        return waiting.Task;
    }
}

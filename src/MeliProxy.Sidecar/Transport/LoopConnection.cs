using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace MeliProxy.Sidecar.Transport;

/// <summary>A connection of a client, as the server takes it.</summary>
internal sealed class LoopConnection : DefaultConnectionContext, ILoopSocketUser, IMemoryPoolFeature, IThreadPoolWorkItem
{
    private readonly LoopSocket _socket;
    private readonly SocketInput _input;
    private readonly SocketOutput _output;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isTelling;
    private Exception? _abortReason;

    public LoopConnection(string id, int descriptor, EventLoop loop, EndPoint? local, EndPoint? remote, MemoryPool<byte> memoryPool)
        : base(id)
    {
        MemoryPool = memoryPool;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        _input = new SocketInput(this);
        _output = new SocketOutput(this);
        _socket = new LoopSocket(descriptor, loop, this, isSendable: true);
        _input.Start(_socket);
        _output.Start(_socket);
        ConnectionClosed = _closed.Token;
        Transport = new Pipes(_input, _output);
        Application = Transport;
        Features.Set<IMemoryPoolFeature>(this);
    }

    public MemoryPool<byte> MemoryPool { get; }

    /// <summary>Begins to get the socket's events.</summary>
    public void Start() => _socket.Start();

    /// <summary>Ends it at once; what was not sent is lost, and the client is told that something went wrong.</summary>
    public override void Abort(ConnectionAbortedException abortReason) => Abort((Exception)abortReason);

    /// <summary>Ends it once what was written has been sent.</summary>
    public override async ValueTask DisposeAsync()
    {
        await _input.CompleteAsync();
        await _output.CompleteAsync();
        await _output.Drained;
        _socket.ShutdownAndClose();
        OnInputEnded();
        await _told.Task;
        _closed.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>Nothing more comes from the client. Those who want to know are told, but not from here: what they do may take long.</summary>
    public void OnInputEnded()
    {
        if (Interlocked.Exchange(ref _isTelling, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Nothing more can be sent.</summary>
    public void OnSendFailed(int errno) => _socket.Loop.Post(new AbortAfterSend(this, errno));

    /// <summary>Why nothing more can be received.</summary>
    public Exception FailureOf(int errno)
    {
        if (errno == Errno.BadDescriptor)
        {
            return Volatile.Read(ref _abortReason) ?? new ConnectionAbortedException("The connection was closed.");
        }

        Exception reason = Errno.ToException(errno);
        return Errno.IsReset(errno) ? new ConnectionResetException(reason.Message, reason) : new IOException(reason.Message, reason);
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            _closed.Cancel();
        }
        catch (AggregateException)
        {
            // Those who wanted to know failed themselves; that is to end neither this nor the process.
        }
        finally
        {
            _told.SetResult();
        }
    }

    void ILoopSocketUser.OnReceivable() => _input.OnReceivable();

    void ILoopSocketUser.OnSendable() => _output.OnSendable();

    void ILoopSocketUser.OnPeerClosed() => _input.OnPeerClosed();

    private void Abort(Exception reason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, reason, null) is null)
        {
            _socket.Reset();
            _input.Fail(reason);
            _output.Break();
        }
    }

    private sealed class AbortAfterSend(LoopConnection connection, int errno) : ILoopWork
    {
        public void Run() => connection.Abort(connection.FailureOf(errno));
    }

    private sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}

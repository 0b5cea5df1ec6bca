using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace MeliProxy.Sidecar.Transport;

/// <summary>What goes over a socket, as a pipe. It has no buffer while there is nothing to send.</summary>
/// <remarks>
/// A flush sends at once, and has ended at once if the system takes it all. What it does not take is sent by the loop when there is room
/// again; until then the writer may go on writing, but its flushes wait.
/// </remarks>
internal sealed class SocketOutput(LoopConnection owner) : PipeWriter, IValueTaskSource<FlushResult>, ILoopWork
{
    private const int SmallBuffer = 4 * 1024;
    private const int LargeBuffer = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly OutputSegment _first = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopSocket _socket = null!;
    private ManualResetValueTaskSourceCore<FlushResult> _flushing;
    private OutputSegment? _head;
    private OutputSegment? _tail;
    private long _unflushed;
    private bool _isFirstInUse;
    private bool _isLent;
    private bool _isSending;
    private bool _isFlushing;
    private bool _isCancelRequested;
    private bool _isBroken;
    private bool _isCompleted;
    private Exception? _posted;
    private CancellationToken _token;
    private CancellationTokenRegistration _cancellation;

    /// <summary>Ends when the writer has completed and the system has taken all, or takes no more.</summary>
    public Task Drained => _drained.Task;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public void Start(LoopSocket socket) => _socket = socket;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (!Volatile.Read(ref _isSending))
        {
            return Lend(sizeHint);
        }

        lock (_lock)
        {
            return Lend(sizeHint);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (!Volatile.Read(ref _isSending))
        {
            Add(bytes);
            return;
        }

        lock (_lock)
        {
            Add(bytes);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        short version;
        lock (_lock)
        {
            if (_isFlushing)
            {
                throw new InvalidOperationException("Somebody flushes already.");
            }

            _isLent = false;
            _unflushed = 0;
            if (!_isSending)
            {
                Send();
            }

            if (!_isSending || _isCancelRequested)
            {
                return new ValueTask<FlushResult>(TakeResult());
            }

            _flushing.Reset();
            _isFlushing = true;
            _token = cancellationToken;
            version = _flushing.Version;
        }

        if (cancellationToken.CanBeCanceled)
        {
            CancellationTokenRegistration registration =
                cancellationToken.UnsafeRegister(static (output, token) => ((SocketOutput)output!).Cancel(token), this);
            lock (_lock)
            {
                // It may have ended meanwhile, and another may have begun.
                if (_isFlushing && _flushing.Version == version)
                {
                    _cancellation = registration;
                }
                else
                {
                    registration.Unregister();
                }
            }
        }

        return new ValueTask<FlushResult>(this, version);
    }

    public override void CancelPendingFlush()
    {
        lock (_lock)
        {
            _isCancelRequested = true;
            if (_isFlushing)
            {
                FinishFlushing();
                Post(null);
            }
        }
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
        {
            if (_isCompleted)
            {
                return;
            }

            _isCompleted = true;
            _isLent = false;
            if (exception is null)
            {
                if (!_isSending)
                {
                    Send();
                }

                if (!_isSending)
                {
                    _drained.TrySetResult();
                }

                return;
            }

            DiscardAll();
        }

        owner.Abort(new Microsoft.AspNetCore.Connections.ConnectionAbortedException(exception.Message, exception));
    }

    /// <summary>The socket may have room.</summary>
    public void OnSendable()
    {
        FlushResult result;
        lock (_lock)
        {
            if (!_isSending)
            {
                return;
            }

            Send();
            if (_isSending)
            {
                return;
            }

            if (_isCompleted)
            {
                _drained.TrySetResult();
            }

            if (!_isFlushing)
            {
                return;
            }

            FinishFlushing();
            result = TakeResult();
        }

        _flushing.SetResult(result);
    }

    /// <summary>Nothing more is sent.</summary>
    public void Break()
    {
        lock (_lock)
        {
            // Unless the loop sends, what is there is the writer's, who may be at it.
            _isBroken = true;
            if (_isSending)
            {
                DiscardAll();
            }

            if (_isFlushing)
            {
                FinishFlushing();
                Post(null);
            }
        }
    }

    /// <summary>Finishes a flush that ended elsewhere than on the loop.</summary>
    void ILoopWork.Run()
    {
        Exception? failure;
        FlushResult result;
        lock (_lock)
        {
            failure = _posted;
            _posted = null;
            result = failure is null ? TakeResult() : default;
        }

        if (failure is null)
        {
            _flushing.SetResult(result);
        }
        else
        {
            _flushing.SetException(failure);
        }
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _flushing.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _flushing.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _flushing.OnCompleted(continuation, state, token, flags);

    private Memory<byte> Lend(int sizeHint)
    {
        if (_isCompleted)
        {
            throw new InvalidOperationException("Writing is not allowed after writer was completed.");
        }

        _isLent = true;
        if (_tail is null || _tail.RoomLength < Math.Max(sizeHint, 1))
        {
            OutputSegment segment = _isFirstInUse ? new OutputSegment() : _first;
            _isFirstInUse |= segment == _first;
            segment.Begin(Math.Max(sizeHint, _tail is null ? SmallBuffer : LargeBuffer));
            if (_tail is null)
            {
                _head = segment;
            }
            else
            {
                _tail.Next = segment;
            }

            _tail = segment;
        }

        return _tail.Room;
    }

    private void Add(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _tail?.RoomLength ?? 0);
        _tail?.Add(bytes);
        _unflushed += bytes;
    }

    private void Cancel(CancellationToken token)
    {
        lock (_lock)
        {
            if (_isFlushing && _token == token)
            {
                FinishFlushing();
                Post(new OperationCanceledException(token));
            }
        }
    }

    private void FinishFlushing()
    {
        _isFlushing = false;
        _token = default;
        _cancellation.Unregister();
        _cancellation = default;
    }

    private void Post(Exception? failure)
    {
        _posted = failure;
        _socket.Loop.Post(this);
    }

    private FlushResult TakeResult()
    {
        bool isCanceled = _isCancelRequested;
        _isCancelRequested = false;
        return new FlushResult(isCanceled, _isBroken);
    }

    /// <summary>Sends as much as there is room for; <c>_isSending</c> says whether something is left.</summary>
    private void Send()
    {
        if (_isBroken)
        {
            DiscardAll();
            return;
        }

        while (_head is { } segment)
        {
            if (segment.IsEmpty)
            {
                if (segment == _tail && _isLent)
                {
                    break;
                }

                Remove(segment);
                continue;
            }

            if (!_socket.IsSendable)
            {
                if (_socket.TryAwaitSendable())
                {
                    Volatile.Write(ref _isSending, true);
                    return;
                }

                continue;
            }

            int sent = _socket.Send(segment.Unsent, segment.Next is { IsEmpty: false });
            if (sent >= 0)
            {
                segment.Sent(sent);
            }
            else if (sent != -Errno.TryAgain)
            {
                DiscardAll();
                owner.OnSendFailed(-sent);
                return;
            }
        }

        Volatile.Write(ref _isSending, false);
    }

    private void Remove(OutputSegment segment)
    {
        _head = segment.Next;
        if (_head is null)
        {
            _tail = null;
        }

        _isFirstInUse &= segment != _first;
        segment.Finish();
    }

    private void DiscardAll()
    {
        _isBroken = true;
        while (_head is { } segment && !(segment == _tail && _isLent))
        {
            Remove(segment);
        }

        Volatile.Write(ref _isSending, false);
        if (_isCompleted)
        {
            _drained.TrySetResult();
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace MeliProxy.Sidecar.Transport;

/// <summary>What comes over a socket, as a pipe. It has no buffer while there is nothing to read.</summary>
/// <remarks>
/// The socket is asked when there is a reader. Only after the other side has closed its half is everything before that read ahead, up to
/// <see cref="ReadAhead"/>, so that the end is noticed while nobody reads.
/// </remarks>
internal sealed class SocketInput(LoopConnection owner) : PipeReader, IValueTaskSource<ReadResult>, ILoopWork
{
    /// <summary>How much is kept that nobody has consumed, before no more is received.</summary>
    private const int ReadAhead = 1024 * 1024;

    private const int SmallBuffer = 4 * 1024;
    private const int LargeBuffer = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly InputSegment _first = new();
    private LoopSocket _socket = null!;
    private ManualResetValueTaskSourceCore<ReadResult> _reading;
    private InputSegment? _head;
    private InputSegment? _tail;
    private int _start;
    private long _length;
    private bool _isExamined = true;
    private bool _isReading;
    private bool _isCancelRequested;
    private bool _isEnded;
    private bool _isCompleted;
    private bool _hasMuch;
    private Exception? _failure;
    private Exception? _posted;
    private CancellationToken _token;
    private CancellationTokenRegistration _cancellation;

    public void Start(LoopSocket socket) => _socket = socket;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        short version;
        lock (_lock)
        {
            if (TryGetResult(out ReadResult result))
            {
                return new ValueTask<ReadResult>(result);
            }

            if (_isReading)
            {
                throw new InvalidOperationException("Somebody reads already.");
            }

            _reading.Reset();
            do
            {
                if (TryReceive())
                {
                    return new ValueTask<ReadResult>(TakeResult());
                }
            }
            while (!_socket.TryAwaitReceivable());
            _isReading = true;
            _token = cancellationToken;
            version = _reading.Version;
        }

        if (cancellationToken.CanBeCanceled)
        {
            CancellationTokenRegistration registration =
                cancellationToken.UnsafeRegister(static (input, token) => ((SocketInput)input!).Cancel(token), this);
            lock (_lock)
            {
                // It may have ended meanwhile, and another may have begun.
                if (_isReading && _reading.Version == version)
                {
                    _cancellation = registration;
                }
                else
                {
                    registration.Unregister();
                }
            }
        }

        return new ValueTask<ReadResult>(this, version);
    }

    public override bool TryRead(out ReadResult result)
    {
        lock (_lock)
        {
            if (TryGetResult(out result))
            {
                return true;
            }

            if (_isReading)
            {
                throw new InvalidOperationException("Somebody reads already.");
            }

            if (!TryReceive())
            {
                return false;
            }

            result = TakeResult();
            return true;
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        lock (_lock)
        {
            if (_isCompleted)
            {
                throw Completed();
            }

            if (consumed.GetObject() is not InputSegment segment || _tail is null)
            {
                // There was nothing to consume.
                return;
            }

            _isExamined = examined.GetObject() == _tail && examined.GetInteger() == _tail.End;
            Consume(segment, consumed.GetInteger());
            if (_socket.IsPeerClosed && !_isEnded)
            {
                ReceiveToEnd();
            }
        }
    }

    public override void CancelPendingRead()
    {
        lock (_lock)
        {
            _isCancelRequested = true;
            if (_isReading)
            {
                FinishReading();
                Post(null);
            }
        }
    }

    public override void Complete(Exception? exception = null)
    {
        lock (_lock)
        {
            if (!_isCompleted)
            {
                _isCompleted = true;
                Discard();
                if (_isReading)
                {
                    FinishReading();
                    Post(Completed());
                }
            }
        }
    }

    /// <summary>The socket may have something.</summary>
    public void OnReceivable()
    {
        ReadResult result;
        Exception? failure;
        lock (_lock)
        {
            if (!_isReading)
            {
                if (_socket.IsPeerClosed || _socket.IsClosed)
                {
                    ReceiveToEnd();
                }

                return;
            }

            do
            {
                if (TryReceive())
                {
                    break;
                }

                if (_socket.TryAwaitReceivable())
                {
                    return;
                }
            }
            while (true);
            FinishReading();
            failure = _failure;
            result = failure is null ? TakeResult() : default;
        }

        Finish(result, failure);
    }

    /// <summary>The other side sends no more.</summary>
    public void OnPeerClosed()
    {
        lock (_lock)
        {
            if (!_isReading && !_isEnded)
            {
                ReceiveToEnd();
            }
        }
    }

    /// <summary>Ends it from this side. Whoever reads is told so.</summary>
    public void Fail(Exception reason)
    {
        lock (_lock)
        {
            _failure ??= reason;
            End();
            if (_isReading)
            {
                FinishReading();
                Post(_failure);
            }
        }
    }

    /// <summary>Finishes a read that ended elsewhere than on the loop.</summary>
    void ILoopWork.Run()
    {
        Exception? failure;
        ReadResult result = default;
        lock (_lock)
        {
            failure = _posted ?? _failure;
            _posted = null;
            if (failure is null)
            {
                result = TakeResult();
            }
        }

        Finish(result, failure);
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _reading.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _reading.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _reading.OnCompleted(continuation, state, token, flags);

    private static InvalidOperationException Completed() => new("Reading is not allowed after reader was completed.");

    private void Cancel(CancellationToken token)
    {
        lock (_lock)
        {
            if (_isReading && _token == token)
            {
                FinishReading();
                Post(new OperationCanceledException(token));
            }
        }
    }

    private void Finish(ReadResult result, Exception? failure)
    {
        if (failure is null)
        {
            _reading.SetResult(result);
        }
        else
        {
            _reading.SetException(failure);
        }
    }

    private void FinishReading()
    {
        _isReading = false;
        _token = default;
        _cancellation.Unregister();
        _cancellation = default;
    }

    private void Post(Exception? failure)
    {
        _posted = failure;
        _socket.Loop.Post(this);
    }

    private bool TryGetResult(out ReadResult result)
    {
        if (_isCompleted)
        {
            throw Completed();
        }

        if (!_isReading && (_isCancelRequested || _failure is not null || _isEnded || !_isExamined))
        {
            result = TakeResult();
            return true;
        }

        result = default;
        return false;
    }

    private ReadResult TakeResult()
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        ReadOnlySequence<byte> buffer = _head is null
            ? default
            : new ReadOnlySequence<byte>(_head, _start, _tail!, _tail!.End);
        bool isCanceled = _isCancelRequested;
        _isCancelRequested = false;
        return new ReadResult(buffer, isCanceled, _isEnded);
    }

    /// <summary>Receives what is there.</summary>
    /// <returns>Whether there was something: bytes, the end or a failure.</returns>
    private bool TryReceive()
    {
        bool isAny = !_isEnded && _socket.IsReceivable && ReceiveOnce() > 0;
        if (_socket.IsPeerClosed)
        {
            ReceiveToEnd();
        }

        return isAny || _isEnded || !_isExamined;
    }

    private void ReceiveToEnd()
    {
        while (!_isEnded && !_isCompleted && _length < ReadAhead)
        {
            if (_socket.IsReceivable)
            {
                ReceiveOnce();
            }
            else if (_socket.TryAwaitReceivable())
            {
                return;
            }
        }
    }

    private int ReceiveOnce()
    {
        if (_tail is null || _tail.Room.IsEmpty)
        {
            Append();
        }

        int received = _socket.Receive(_tail!.Room);
        _hasMuch = received == _tail.Room.Length;
        if (received > 0)
        {
            _tail.Add(received);
            _length += received;
            _isExamined = false;
            return received;
        }

        if (received != -Errno.TryAgain)
        {
            if (received < 0)
            {
                _failure ??= owner.FailureOf(-received);
            }

            End();
        }

        if (_length == 0)
        {
            Discard();
        }

        return received;
    }

    private void Append()
    {
        // After more than fitted in one, much is expected.
        InputSegment segment = _head is null ? _first : new InputSegment();
        segment.Begin(_hasMuch ? LargeBuffer : SmallBuffer, _tail);
        _head ??= segment;
        _tail = segment;
    }

    private void Consume(InputSegment segment, int index)
    {
        while (_head != segment)
        {
            InputSegment finished = _head!;
            _length -= finished.End - _start;
            _start = 0;
            _head = finished.Following;
            finished.Finish();
        }

        _length -= index - _start;
        _start = index;
        if (_length == 0)
        {
            Discard();
        }
    }

    private void Discard()
    {
        while (_head is { } segment)
        {
            _head = segment.Following;
            segment.Finish();
        }

        _tail = null;
        _start = 0;
        _length = 0;
        _isExamined = true;
    }

    private void End()
    {
        if (!_isEnded)
        {
            _isEnded = true;
            owner.OnInputEnded();
        }
    }
}

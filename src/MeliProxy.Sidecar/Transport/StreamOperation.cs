using System.Threading.Tasks.Sources;

namespace MeliProxy.Sidecar.Transport;

/// <summary>The receiving or the sending half of a <see cref="LoopStream"/>: one operation at a time, over the same object again and again.</summary>
/// <remarks>
/// <c>_state</c> settles who goes on with an operation that waits: the loop, when something has happened, or a cancellation.
/// </remarks>
internal abstract class StreamOperation : IValueTaskSource<int>, IValueTaskSource
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int GoingOn = 2;

    private ManualResetValueTaskSourceCore<int> _source;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private int _state;

    protected short Version => _source.Version;

    protected LoopSocket Socket { get; set; } = null!;

    /// <summary>Something has happened that was waited for.</summary>
    public void GoOn()
    {
        if (Interlocked.CompareExchange(ref _state, GoingOn, Waiting) != Waiting)
        {
            return;
        }

        while (true)
        {
            if (TryComplete(out int result, out int errno))
            {
                End(result, errno);
                return;
            }

            Volatile.Write(ref _state, Waiting);
            if (_token.IsCancellationRequested)
            {
                // The cancellation may have come between the two states, and found nobody waiting.
                Cancel();
                return;
            }

            if (TryAwait() || Interlocked.CompareExchange(ref _state, GoingOn, Waiting) != Waiting)
            {
                return;
            }
        }
    }

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    /// <summary>Tries to do all that is left to do.</summary>
    /// <returns>Whether it has ended, well (<paramref name="errno"/> is 0 then) or not.</returns>
    protected abstract bool TryComplete(out int result, out int errno);

    protected abstract bool TryAwait();

    /// <summary>Lets go of what was to be sent or received into.</summary>
    protected abstract void Release();

    /// <summary>Waits until it can be completed; its result is this, under <see cref="Version"/>.</summary>
    protected void Wait(CancellationToken cancellationToken)
    {
        _source.Reset();
        _token = cancellationToken;
        Volatile.Write(ref _state, Waiting);
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(static operation => ((StreamOperation)operation!).Cancel(), this);
        }

        if (!TryAwait())
        {
            GoOn();
        }
    }

    protected static IOException ToException(int errno)
    {
        System.Net.Sockets.SocketException reason = Errno.ToException(errno);
        return new IOException(reason.Message, reason);
    }

    private void Cancel()
    {
        if (_token.IsCancellationRequested && Interlocked.CompareExchange(ref _state, GoingOn, Waiting) == Waiting)
        {
            Socket.Loop.Post(new Cancellation(this));
        }
    }

    private void End(int result, int errno)
    {
        Finish();
        if (errno == 0)
        {
            _source.SetResult(result);
        }
        else
        {
            _source.SetException(ToException(errno));
        }
    }

    private void Finish()
    {
        if (_token.CanBeCanceled)
        {
            _cancellation.Unregister();
            _cancellation = default;
            _token = default;
        }

        Release();
        Volatile.Write(ref _state, Idle);
    }

    private sealed class Cancellation(StreamOperation operation) : ILoopWork
    {
        public void Run()
        {
            OperationCanceledException reason = new(operation._token);
            operation.Finish();
            operation._source.SetException(reason);
        }
    }
}

namespace MeliProxy.Sidecar.Transport;

/// <summary>The receiving half of a <see cref="LoopStream"/>.</summary>
internal sealed class StreamReceive : StreamOperation
{
    private Memory<byte> _buffer;

    public StreamReceive(LoopSocket socket) => Socket = socket;

    /// <summary>Receives what is there, once there is something.</summary>
    /// <returns>How much; 0 at the end. Into an empty buffer nothing is received, but it is waited for.</returns>
    public ValueTask<int> RunAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        _buffer = buffer;
        if (TryComplete(out int result, out int errno))
        {
            Release();
            return errno == 0 ? new ValueTask<int>(result) : ValueTask.FromException<int>(ToException(errno));
        }

        Wait(cancellationToken);
        return new ValueTask<int>(this, Version);
    }

    protected override bool TryComplete(out int result, out int errno)
    {
        result = 0;
        errno = 0;
        if (!Socket.IsReceivable)
        {
            return false;
        }

        if (_buffer.IsEmpty)
        {
            return true;
        }

        int received = Socket.Receive(_buffer.Span);
        result = received;
        errno = received < 0 ? -received : 0;
        return received != -Errno.TryAgain;
    }

    protected override bool TryAwait() => Socket.TryAwaitReceivable();

    protected override void Release() => _buffer = default;
}

namespace MeliProxy.Sidecar.Transport;

/// <summary>The sending half of a <see cref="LoopStream"/>.</summary>
internal sealed class StreamSend : StreamOperation
{
    private ReadOnlyMemory<byte> _left;

    public StreamSend(LoopSocket socket) => Socket = socket;

    /// <summary>Sends all.</summary>
    public ValueTask RunAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        _left = buffer;
        if (TryComplete(out _, out int errno))
        {
            Release();
            return errno == 0 ? ValueTask.CompletedTask : ValueTask.FromException(ToException(errno));
        }

        Wait(cancellationToken);
        return new ValueTask(this, Version);
    }

    protected override bool TryComplete(out int result, out int errno)
    {
        result = 0;
        errno = 0;
        while (!_left.IsEmpty)
        {
            if (!Socket.IsSendable)
            {
                return false;
            }

            int sent = Socket.Send(_left.Span);
            if (sent < 0)
            {
                errno = -sent;
                return sent != -Errno.TryAgain;
            }

            _left = _left[sent..];
        }

        return true;
    }

    protected override bool TryAwait() => Socket.TryAwaitSendable();

    protected override void Release() => _left = default;
}

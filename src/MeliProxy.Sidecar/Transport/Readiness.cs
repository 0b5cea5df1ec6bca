namespace MeliProxy.Sidecar.Transport;

/// <summary>Whether a socket is worth asking in one direction, and whether somebody waits until it is.</summary>
/// <remarks>
/// The loop says once that something has changed (an edge); whoever uses the direction, one at a time, takes note of it before asking the
/// socket. So an edge that comes while it is asked is never lost; at worst the socket is asked once in vain.
/// </remarks>
internal struct Readiness
{
    private const int NotReady = 0;
    private const int Ready = 1;
    private const int Awaited = 2;

    private int _state;

    public readonly bool IsReady => _state == Ready;

    /// <summary>It is about to be asked.</summary>
    public void Clear() => Interlocked.Exchange(ref _state, NotReady);

    /// <summary>There is more than was taken.</summary>
    public void Keep() => Volatile.Write(ref _state, Ready);

    /// <summary>Something has changed.</summary>
    /// <returns>Whether somebody waits for it.</returns>
    public bool Signal() => Volatile.Read(ref _state) != Ready && Interlocked.Exchange(ref _state, Ready) == Awaited;

    /// <summary>Waits for the next change.</summary>
    /// <returns><see langword="false"/> if there was one meanwhile.</returns>
    public bool TryAwait() => Interlocked.CompareExchange(ref _state, Awaited, NotReady) != Ready;

    /// <summary>Waits, whether it is ready or not, for a change that is about to be signalled.</summary>
    public void AwaitNextTurn() => Interlocked.Exchange(ref _state, Awaited);

    /// <summary>Waits no more.</summary>
    /// <returns><see langword="false"/> if there was a change meanwhile.</returns>
    public bool TryStopWaiting() => Interlocked.CompareExchange(ref _state, Ready, Awaited) == Awaited;
}

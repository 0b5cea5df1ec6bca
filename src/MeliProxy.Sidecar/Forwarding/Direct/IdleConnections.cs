namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Connections that nobody uses, the last used on top. Taking and giving back is lock-free and allocates nothing.</summary>
/// <remarks>
/// A Treiber stack of indexes into the pool's connections. Beside the index of the topmost, its head has a tag that changes with every
/// change, so that one who has looked at a connection that has been taken and given back meanwhile does not put a wrong one on top.
/// </remarks>
internal struct IdleConnections
{
    private long _head;

    /// <summary>Puts a connection on top.</summary>
    public void Push(UpstreamConnection connection)
    {
        while (true)
        {
            long head = Volatile.Read(ref _head);
            connection.Below = (int)head;
            if (Interlocked.CompareExchange(ref _head, Next(head, connection.Number), head) == head)
            {
                return;
            }
        }
    }

    /// <summary>Takes the topmost.</summary>
    /// <param name="connections">The pool's connections; the one of number n is at n - 1.</param>
    public UpstreamConnection? TryPop(UpstreamConnection?[] connections)
    {
        while (true)
        {
            long head = Volatile.Read(ref _head);
            int number = (int)head;
            if (number == 0)
            {
                return null;
            }

            // One that was taken meanwhile may be closed already, and its place empty; then the head has changed too.
            UpstreamConnection? top = number <= connections.Length ? Volatile.Read(ref connections[number - 1]) : null;
            if (top is null)
            {
                if (Volatile.Read(ref _head) == head)
                {
                    return null;
                }

                continue;
            }

            if (Interlocked.CompareExchange(ref _head, Next(head, top.Below), head) == head)
            {
                return top;
            }
        }
    }

    private static long Next(long head, int number) => ((head >> 32) + 1) << 32 | (uint)number;
}

namespace MeliProxy.Sidecar.Transport;

/// <summary>The loops of the process, one for each processor. They begin with the first socket and end with the process.</summary>
internal static class EventLoops
{
    private static readonly EventLoop[] s_loops = Create();
    private static uint s_next;

    /// <summary>The loop to accept connections on.</summary>
    public static EventLoop First => s_loops[0];

    /// <summary>The next in turn.</summary>
    public static EventLoop Next() => s_loops[Interlocked.Increment(ref s_next) % (uint)s_loops.Length];

    private static EventLoop[] Create()
    {
        EventLoop[] loops = new EventLoop[Environment.ProcessorCount];
        for (int i = 0; i < loops.Length; i++)
        {
            loops[i] = new EventLoop($"sockets {i + 1}");
        }

        return loops;
    }
}

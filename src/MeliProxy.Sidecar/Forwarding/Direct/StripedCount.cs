namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>A count that many threads add to without waiting for each other's cache lines.</summary>
internal sealed class StripedCount
{
    /// <summary>A cache line and the one that processors fetch with it, in counts.</summary>
    private const int Stride = 16;

    private static readonly int Stripes = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);

    private readonly long[] _cells = new long[(Stripes + 1) * Stride];

    /// <summary>What was counted.</summary>
    public long Value
    {
        get
        {
            long sum = 0;
            for (int i = Stride; i < _cells.Length; i += Stride)
            {
                sum += Volatile.Read(ref _cells[i]);
            }

            return sum;
        }
    }

    public void Increment() => Interlocked.Increment(ref _cells[((Thread.GetCurrentProcessorId() & (Stripes - 1)) + 1) * Stride]);
}

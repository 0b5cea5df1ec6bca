using System.Runtime.InteropServices;

namespace MeliProxy.RateLimiting.Table;

/// <summary>One key's place in the table: half a cache line.</summary>
/// <remarks>
/// The state is the word that decisions write, and always by compare-and-set. The hash changes only while it is <see cref="Busy"/>, and
/// <see cref="Previous"/> only while it is that or frozen.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct Slot
{
    /// <summary>State of a slot never used: a probe ends here.</summary>
    public const long Empty = 0;

    /// <summary>State of a slot whose key was evicted: a probe goes on.</summary>
    public const long Free = 1;

    /// <summary>State of a slot whose key is being replaced.</summary>
    public const long Busy = 2;

    public ulong Low;
    public ulong High;
    public long State;
    public long Previous;

    public readonly SlotKind Kind => (SlotKind)(byte)Low;

    /// <summary>Whether a state is that of a key.</summary>
    public static bool IsKey(long state) => (ulong)state > Busy;
}

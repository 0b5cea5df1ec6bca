using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>
/// The state of a shared key: the moment at which its lease ends, and in the low bits, which are less than 1.1 ms of it, the permits left.
/// </summary>
/// <remarks>
/// So a decision tells by one comparison whether the lease still holds and takes from it by one compare-and-set, and a key whose lease has
/// ended is idle like a bucket that is full.
/// </remarks>
internal static class LeaseWord
{
    /// <summary>The most permits of one key that a process can hold.</summary>
    public const long MaxPermits = RegisteredBit - 1;

    private const long RegisteredBit = 1L << 24;
    private const long LowBits = (RegisteredBit << 1) - 1;

    /// <param name="endsAt">When the lease ends, in units; it ends up to two of the low bits' length earlier.</param>
    /// <param name="permits">0 to <see cref="MaxPermits"/>.</param>
    /// <param name="isRegistered">Whether the holder has an account of the key.</param>
    public static long Pack(long endsAt, long permits, bool isRegistered) =>
        ((endsAt - LowBits) & ~LowBits) | (isRegistered ? RegisteredBit : 0) | permits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Permits(long word) => word & MaxPermits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsRegistered(long word) => (word & RegisteredBit) != 0;

    public static long Register(long word) => word | RegisteredBit;

    /// <summary>The word with the later end, so that none is shortened.</summary>
    public static long Extend(long word, long endsAt, long permits) =>
        Math.Max(word & ~LowBits, (endsAt - LowBits) & ~LowBits) | RegisteredBit | permits;
}

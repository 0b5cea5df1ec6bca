using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using MeliProxy.RateLimiting.SystematicTests.Scheduling;

namespace MeliProxy.RateLimiting.Table;

/// <summary>
/// Takes the place of the product's slot, with the same memory and constants. Where the product reads and writes the hash and the previous
/// window without an atomic operation, that is a step too.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Slot
{
    public const long Empty = 0;
    public const long Free = 1;
    public const long Busy = 2;

    private ulong _low;
    private ulong _high;
    private long _state;
    private long _previous;

    [UnscopedRef]
    public ref ulong Low => ref Touch(ref _low, "slot.Low");

    [UnscopedRef]
    public ref ulong High => ref Touch(ref _high, "slot.High");

    /// <summary>A step only by the atomic operation that it is always used with.</summary>
    [UnscopedRef]
    public ref long State => ref _state;

    [UnscopedRef]
    public ref long Previous => ref Touch(ref _previous, "slot.Previous");

    public SlotKind Kind => (SlotKind)(byte)Low;

    public static bool IsKey(long state) => (ulong)state > Busy;

    /// <remarks>Whether it is read or written is not known here. Only its writer holds a busy slot, so it is written then and read otherwise.</remarks>
    private ref T Touch<T>(ref T location, string name)
    {
        Strand.Current?.Step(ref location, isWrite: _state == Busy, name);
        return ref location;
    }
}

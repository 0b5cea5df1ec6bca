using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>
/// Which places more than one strand uses and at least one writes. Only there can it matter who comes first; it is learned while exploring.
/// A place is a word of the table, or whatever else has the same name.
/// </summary>
internal sealed class SharedPlaces
{
    private readonly Dictionary<(long Word, string Name), (int Strand, bool IsShared, bool IsWritten)> _places = [];
    private nint _start;
    private long _length;

    /// <summary>How many there are so far. Schedules are comparable only while it stays the same.</summary>
    public int Count { get; private set; }

    public void Begin(QuotaTable table)
    {
        long[] memory = MemoryOf(table);
        unsafe
        {
            // The table's memory is pinned.
            _start = (nint)Unsafe.AsPointer(ref memory[OffsetOf(table)]);
        }

        _length = (long)memory.Length * sizeof(long);
    }

    /// <summary>The number of the word in the table; -1 for what is not in the table.</summary>
    public long WordAt(nint address) => address >= _start && address < _start + _length ? (address - _start) / sizeof(long) : -1;

    public bool IsShared(int strand, long word, string name, bool isWrite)
    {
        (long, string) place = (word, word < 0 ? name : "");
        if (!_places.TryGetValue(place, out (int Strand, bool IsShared, bool IsWritten) use))
        {
            use = (strand, false, false);
        }

        bool was = use.IsShared && use.IsWritten;
        use = (use.Strand, use.IsShared || use.Strand != strand, use.IsWritten || isWrite);
        bool now = use.IsShared && use.IsWritten;
        _places[place] = use;
        Count += now && !was ? 1 : 0;
        return now;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_memory")]
    private static extern ref long[] MemoryOf(QuotaTable table);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_offset")]
    private static extern ref int OffsetOf(QuotaTable table);
}

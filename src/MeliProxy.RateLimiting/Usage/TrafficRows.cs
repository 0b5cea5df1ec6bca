using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>What one thread has recorded. That thread writes, and all may read.</summary>
internal sealed class TrafficRows
{
    private TrafficCell?[] _cells = new TrafficCell?[TrafficRecorder.Classes * 4];
    private long _begun;
    private long _ended;

    public long Begun => Volatile.Read(ref _begun);

    public long Ended => Volatile.Read(ref _ended);

    public void Begin() => _begun++;

    public void End() => _ended++;

    /// <summary>The cell of a place, for the thread that writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TrafficCell At(int place)
    {
        TrafficCell?[] cells = _cells;
        return ((uint)place < (uint)cells.Length ? cells[place] : null) ?? Add(place);
    }

    /// <summary>The cell of a place, if the thread has recorded anything there.</summary>
    public TrafficCell? Find(int place)
    {
        TrafficCell?[] cells = Volatile.Read(ref _cells);
        return place < cells.Length ? Volatile.Read(ref cells[place]) : null;
    }

    private TrafficCell Add(int place)
    {
        TrafficCell?[] cells = _cells;
        if (place >= cells.Length)
        {
            Array.Resize(ref cells, Math.Max(cells.Length * 2, place + TrafficRecorder.Classes));
            Volatile.Write(ref _cells, cells);
        }

        TrafficCell cell = new();
        Volatile.Write(ref cells[place], cell);
        return cell;
    }
}

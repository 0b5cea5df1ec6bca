using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Table;

internal sealed partial class QuotaTable
{
    /// <summary>How many slots there are to read with <see cref="TryReadAny"/>.</summary>
    public int Slots => _slots;

    /// <summary>Reads whichever key a slot has; false if it has none or changes hands at this moment.</summary>
    public bool TryReadAny(int index, out KeyHash hash, out KeyState state)
    {
        // Read before the state and compared after it, the hash is that of the state's key and not one half written.
        ref Slot slot = ref SlotAt(index);
        hash = new KeyHash(Volatile.Read(ref slot.Low), Volatile.Read(ref slot.High));
        return TryRead(index, hash, out state);
    }

    /// <summary>
    /// Gives a key the stricter of <paramref name="restored"/> and the state that it has, or adds it; false if there is no room.
    /// </summary>
    /// <param name="hash">The key.</param>
    /// <param name="restored">A state that is not idle at <paramref name="now"/>.</param>
    /// <param name="now">The moment.</param>
    public bool TryRestore(in KeyHash hash, in KeyState restored, in QuotaInstant now)
    {
        ref int homeLock = ref _locks[Home(hash) % _locks.Length];
        Lock(ref homeLock);
        SpinWait spin = default;
        int index = Find(hash, out KeyState held);
        while (index >= 0
            ? !TryRaise(ref SlotAt(index), hash.Kind, held, restored, now)
            : !TryAdd(hash, restored, now, beyondCap: false, out index))
        {
            spin.SpinOnce(sleep1Threshold: -1);
            index = Find(hash, out held);
        }

        Volatile.Write(ref homeLock, 0);
        return index >= 0;
    }

    private static bool TryRaise(ref Slot slot, SlotKind kind, in KeyState held, in KeyState restored, in QuotaInstant now)
    {
        // Frozen: the thread that is replacing the window has one step to go.
        if (held.IsFrozen)
        {
            return false;
        }

        KeyState stricter = StricterState.Of(kind, held, restored, now);
        if (stricter.Previous == held.Previous)
        {
            return Interlocked.CompareExchange(ref slot.State, stricter.Word, held.Word) == held.Word;
        }

        // Whoever would take from the key in this instant does not find it, so wants to add it, and waits for the lock that is held here.
        if (Interlocked.CompareExchange(ref slot.State, Slot.Busy, held.Word) != held.Word)
        {
            return false;
        }

        slot.Previous = stricter.Previous;
        Volatile.Write(ref slot.State, stricter.Word);
        return true;
    }
}

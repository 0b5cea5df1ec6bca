using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Table;

/// <summary>
/// The state of all keys of all rules: one flat, open-addressed array of 32-byte slots with a fixed size and a cap on keys.
/// </summary>
/// <remarks>
/// <code>
/// hash ─▶ home slot
///          │
///    ┌─────▼────┬──────────┬──────────┬──────────┬──────────┐
///    │ key A    │ key B    │ free     │ key C    │ empty    │  at most 64 slots are probed, and none beyond an empty one
///    └──────────┴──────────┴──────────┴──────────┴──────────┘
/// </code>
/// 1. Finding a key takes no lock. The caller reads the state, checks with <see cref="Holds"/> that the slot still has its key, computes,
///    and sets the state by compare-and-set. A slot gets another key only through a change of its state: an evicted key's state is a time
///    that has passed, a new key's is not, so a stale compare-and-set fails. (It takes two threads that were both held up, one of them
///    since before that time had passed, to meet the same state again; what they decide then belongs to that past time.)
/// 2. Adding a key takes the lock of its home slot: a bit that only keys with the same home share. So a key is never added twice. It takes
///    the place of an idle or evicted key if the probe meets one, else the empty slot at its end.
/// 3. The number of keys is capped. At the cap, a hand that moves round the table evicts idle keys, a bounded number of slots at a time.
///    An idle key's state equals that of a key never seen, so eviction loses nothing; a key that is not idle is never evicted.
/// Memory is touched only where keys are, and given back with the table.
/// </remarks>
internal sealed class QuotaTable
{
    private const int ProbeLength = 64;
    private const int SweepLength = 256;
    private const int SlotWords = 4;
    private const double SlotsPerKey = 1.875;

    private readonly long[] _memory;
    private readonly int _offset;
    private readonly int _slots;
    private readonly uint _homes;
    private readonly int _maxKeys;
    private int _keys;
    private long _evicted;
    private long _refused;
    private uint _hand;

    /// <param name="maxKeys">The cap on keys, 1 to 100 million; each takes 60 bytes of address space.</param>
    public QuotaTable(int maxKeys)
    {
        _maxKeys = maxKeys;
        _homes = (uint)Math.Max(Math.Ceiling(maxKeys * SlotsPerKey), ProbeLength);
        _slots = (int)_homes + ProbeLength;

        // Pinned memory does not move, so the slots stay aligned to half a cache line.
        _memory = GC.AllocateArray<long>((_slots + 1) * SlotWords, pinned: true);
        unsafe
        {
            nint address = (nint)Unsafe.AsPointer(ref _memory[0]);
            _offset = (int)((32 - (address & 31)) & 31) / sizeof(long);
        }
    }

    /// <summary>Keys in the table, idle ones that were not needed to be evicted yet among them.</summary>
    public int Keys => Volatile.Read(ref _keys);

    /// <summary>Idle keys evicted since the start.</summary>
    public long Evicted => Volatile.Read(ref _evicted);

    /// <summary>How often a key could not be added because the table was full of keys in use.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public void Prefetch(in KeyHash hash)
    {
        if (Sse.IsSupported)
        {
            unsafe
            {
                Sse.Prefetch0(Unsafe.AsPointer(ref SlotAt(Home(hash))));
            }
        }
    }

    public ref long State(int index) => ref SlotAt(index).State;

    /// <summary>Whether the slot still belongs to the key; to be asked after its state was read.</summary>
    public bool Holds(int index, in KeyHash hash)
    {
        ref Slot slot = ref SlotAt(index);
        return slot.Low == hash.Low && slot.High == hash.High;
    }

    /// <summary>The key's slot, or -1.</summary>
    public int Find(in KeyHash hash)
    {
        int home = Home(hash);
        for (int i = home; i < home + ProbeLength; i++)
        {
            ref Slot slot = ref SlotAt(i);
            long state = Volatile.Read(ref slot.State);
            if (slot.Low == hash.Low && slot.High == hash.High && Slot.IsKey(state))
            {
                return i;
            }

            if (state == Slot.Empty)
            {
                break;
            }
        }

        return -1;
    }

    /// <summary>The key's slot, made with state <paramref name="fresh"/> if it has none; -1 if there is no room.</summary>
    public int FindOrAdd(in KeyHash hash, SlotKind kind, long fresh, in QuotaInstant now)
    {
        ref long homeLock = ref SlotAt(Home(hash)).Info;
        Lock(ref homeLock);
        int index;
        do
        {
            index = Find(hash);
        }
        while (index < 0 && !TryAdd(hash, kind, fresh, now, out index));
        Unlock(ref homeLock);
        return index;
    }

    /// <summary>Takes the first slot that can be had; false if another thread was faster and the probe has to be made again.</summary>
    private bool TryAdd(in KeyHash hash, SlotKind kind, long fresh, in QuotaInstant now, out int index)
    {
        int home = Home(hash);
        for (index = home; index < home + ProbeLength; index++)
        {
            ref Slot slot = ref SlotAt(index);
            long state = Volatile.Read(ref slot.State);
            if (Slot.IsKey(state))
            {
                if (!Limit.IsIdle(KindOf(slot), state, now))
                {
                    continue;
                }

                if (Interlocked.CompareExchange(ref slot.State, Slot.Busy, state) != state)
                {
                    return false;
                }

                Interlocked.Increment(ref _evicted);
            }
            else if (state == Slot.Busy)
            {
                continue;
            }
            else
            {
                if (!TryReserveKey(now))
                {
                    break;
                }

                if (Interlocked.CompareExchange(ref slot.State, Slot.Busy, state) != state)
                {
                    Interlocked.Decrement(ref _keys);
                    return false;
                }
            }

            slot.Low = hash.Low;
            slot.High = hash.High;
            SetKind(ref slot, kind);
            Volatile.Write(ref slot.State, fresh);
            return true;
        }

        Interlocked.Increment(ref _refused);
        index = -1;
        return true;
    }

    private bool TryReserveKey(in QuotaInstant now)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            int keys = Volatile.Read(ref _keys);
            while (keys < _maxKeys)
            {
                int seen = Interlocked.CompareExchange(ref _keys, keys + 1, keys);
                if (seen == keys)
                {
                    return true;
                }

                keys = seen;
            }

            if (!Sweep(now))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Evicts the idle keys among the next slots under the hand; whether there were any.</summary>
    private bool Sweep(in QuotaInstant now)
    {
        uint start = Interlocked.Add(ref _hand, SweepLength) - SweepLength;
        bool any = false;
        for (uint i = 0; i < SweepLength; i++)
        {
            ref Slot slot = ref SlotAt((int)((start + i) % (uint)_slots));
            long state = Volatile.Read(ref slot.State);
            if (Slot.IsKey(state)
                && Limit.IsIdle(KindOf(slot), state, now)
                && Interlocked.CompareExchange(ref slot.State, Slot.Busy, state) == state)
            {
                slot.Low = 0;
                slot.High = 0;
                Volatile.Write(ref slot.State, Slot.Free);
                Interlocked.Decrement(ref _keys);
                Interlocked.Increment(ref _evicted);
                any = true;
            }
        }

        return any;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot SlotAt(int index) =>
        ref Unsafe.As<long, Slot>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_memory), _offset + ((nint)index * SlotWords)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Home(in KeyHash hash) => (int)(((hash.High >> 32) * _homes) >> 32);

    private static SlotKind KindOf(in Slot slot) => (SlotKind)(byte)Volatile.Read(in slot.Info);

    private static void SetKind(ref Slot slot, SlotKind kind)
    {
        long info = Volatile.Read(ref slot.Info);
        long seen;
        while ((seen = Interlocked.CompareExchange(ref slot.Info, (info & long.MinValue) | (byte)kind, info)) != info)
        {
            info = seen;
        }
    }

    private static void Lock(ref long homeLock)
    {
        SpinWait spin = default;
        while ((Interlocked.Or(ref homeLock, long.MinValue) & long.MinValue) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private static void Unlock(ref long homeLock) => Interlocked.And(ref homeLock, long.MaxValue);
}

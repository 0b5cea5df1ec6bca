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
/// 1. Finding a key takes no lock. The caller computes from the state it was given and sets the new one by compare-and-set. A slot gets
///    another key only through a change of its state, and the other key's state differs: an evicted key's state is a time that has passed
///    and a new key's is not, or else both carry bits of their hashes. So a stale compare-and-set fails. (It takes two threads that were
///    both held up, one of them since before that time had passed, to meet the same state again; what they decide then belongs to that
///    past time.)
/// 2. Adding a key takes one of many locks, the same for all keys with the same home. So a key is never added twice. It takes the place of
///    an idle or evicted key if the probe meets one, else the empty slot at its end.
/// 3. The number of keys is capped. At the cap, a hand that moves round the table evicts idle keys, a bounded number of slots at a time.
///    An idle key's state equals that of a key never seen, so eviction loses nothing; a key that is not idle is never evicted.
/// 4. A sliding window that has ended is replaced in three steps, which any thread that meets it halfway completes: the state is frozen, so
///    that it cannot change any more; it is copied to <see cref="Slot.Previous"/>; the new window's state takes its place.
/// Memory is touched only where keys are, and given back with the table.
/// </remarks>
internal sealed partial class QuotaTable
{
    private const int ProbeLength = 64;
    private const int SweepLength = 256;
    private const int SlotWords = 4;
    private const double SlotsPerKey = 1.875;
    private const int MaxLocks = 4096;

    private readonly long[] _memory;
    private readonly int _offset;
    private readonly int _slots;
    private readonly uint _homes;
    private readonly int _maxKeys;
    private readonly int[] _locks;
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
        _locks = new int[Math.Min(_homes, MaxLocks)];

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

    public static bool IsSliding(SlotKind kind) => kind is >= SlotKind.SlidingWindowOfMilliseconds and <= SlotKind.SlidingWindowOfHours;

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

    /// <summary>The key's slot and state; -1 if it has none.</summary>
    public int Find(in KeyHash hash, out KeyState state)
    {
        int home = Home(hash);
        for (int i = home; i < home + ProbeLength; i++)
        {
            ref Slot slot = ref SlotAt(i);
            long word = Volatile.Read(ref slot.State);
            if (slot.Low == hash.Low && slot.High == hash.High)
            {
                state = new KeyState(word, slot.Previous);
                if (Slot.IsKey(word) && (!IsSliding(hash.Kind) || TryReadPair(ref slot, hash, ref state)))
                {
                    return i;
                }
            }

            if (word == Slot.Empty)
            {
                break;
            }
        }

        state = default;
        return -1;
    }

    /// <summary>Reads a key's state again; false if the slot is another key's by now.</summary>
    public bool TryRead(int index, in KeyHash hash, out KeyState state)
    {
        ref Slot slot = ref SlotAt(index);
        return TryRead(ref slot, Volatile.Read(ref slot.State), hash, out state);
    }

    /// <summary>
    /// Sets a key's state to <paramref name="word"/>, for another window than that of <paramref name="state"/> too; false if it is not
    /// <paramref name="state"/> any more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySet(int index, in KeyState state, long word, SlotKind kind) => IsSliding(kind)
        ? TrySlide(ref SlotAt(index), state, word, WindowLayout.Of(kind))
        : Interlocked.CompareExchange(ref SlotAt(index).State, word, state.Word) == state.Word;

    /// <summary>What the key's state is after <see cref="TrySet"/> has set it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KeyState After(in KeyState state, long word, SlotKind kind) =>
        new(word, IsSliding(kind) && EndsWindow(state, word, WindowLayout.Of(kind)) ? state.Value : state.Previous);

    /// <summary>The key's slot, made with state <paramref name="fresh"/> if it has none; -1 if there is no room.</summary>
    /// <param name="hash">The key.</param>
    /// <param name="fresh">The state of a key never seen.</param>
    /// <param name="now">The moment, for telling idle keys.</param>
    /// <param name="beyondCap">Whether the key may be added though the cap is reached; for a few that have to be there.</param>
    public int FindOrAdd(in KeyHash hash, in KeyState fresh, in QuotaInstant now, bool beyondCap = false)
    {
        ref int homeLock = ref _locks[Home(hash) % _locks.Length];
        Lock(ref homeLock);
        int index;
        do
        {
            index = Find(hash, out _);
        }
        while (index < 0 && !TryAdd(hash, fresh, now, beyondCap, out index));
        Volatile.Write(ref homeLock, 0);
        return index;
    }

    /// <summary>Forgets a key, as if it had never been seen; whether there was such a key.</summary>
    public bool Remove(in KeyHash hash)
    {
        int index;
        KeyState state;
        while ((index = Find(hash, out state)) >= 0)
        {
            // The state that was found may be another key's by now, which a key's hash in front of it would tell.
            ref Slot slot = ref SlotAt(index);
            if (TryRead(ref slot, state.Word, hash, out _) && TryVacate(ref slot, state.Word))
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryRead(ref Slot slot, long word, in KeyHash hash, out KeyState state)
    {
        // The hash is compared after the state was read: a slot that changed hands in between has another state now.
        state = new KeyState(word, slot.Previous);
        return Slot.IsKey(word)
            && slot.Low == hash.Low
            && slot.High == hash.High
            && (!IsSliding(hash.Kind) || TryReadPair(ref slot, hash, ref state));
    }

    /// <summary>Reads state and previous window as they stood at one moment.</summary>
    private static bool TryReadPair(ref Slot slot, in KeyHash hash, ref KeyState state)
    {
        while (Slot.IsKey(state.Word) && slot.Low == hash.Low && slot.High == hash.High)
        {
            state = new KeyState(state.Word, Volatile.Read(ref slot.Previous));
            long word = Volatile.Read(ref slot.State);
            if (word == state.Word)
            {
                return true;
            }

            state = new KeyState(word, 0);
        }

        return false;
    }

    /// <summary>Whether a sliding window's <paramref name="word"/> is of a later window than its state.</summary>
    private static bool EndsWindow(in KeyState state, long word, WindowLayout layout) =>
        state.IsFrozen || layout.EndMilliseconds(word) != layout.EndMilliseconds(state.Word);

    private static bool TrySlide(ref Slot slot, in KeyState state, long word, WindowLayout layout)
    {
        if (!EndsWindow(state, word, layout))
        {
            return Interlocked.CompareExchange(ref slot.State, word, state.Word) == state.Word;
        }

        long frozen = state.Word | KeyState.FrozenMark;
        if (!state.IsFrozen && Interlocked.CompareExchange(ref slot.State, frozen, state.Word) != state.Word)
        {
            return false;
        }

        // Another thread may be faster in each of the steps, and the slot another key's meanwhile. Read before the state is seen to be still
        // frozen, this is what the key's previous window was, and what no other key's is.
        long previous = Volatile.Read(ref slot.Previous);
        if (Volatile.Read(ref slot.State) != frozen)
        {
            return false;
        }

        Interlocked.CompareExchange(ref slot.Previous, state.Value, previous);
        return Interlocked.CompareExchange(ref slot.State, word, frozen) == frozen;
    }

    /// <summary>Takes the first slot that can be had; false if another thread was faster and the probe has to be made again.</summary>
    private bool TryAdd(in KeyHash hash, in KeyState fresh, in QuotaInstant now, bool beyondCap, out int index)
    {
        int home = Home(hash);
        for (index = home; index < home + ProbeLength; index++)
        {
            ref Slot slot = ref SlotAt(index);
            long state = Volatile.Read(ref slot.State);
            if (Slot.IsKey(state))
            {
                if (!Limit.IsIdle(slot.Kind, state, now))
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
                if (!TryReserveKey(now, beyondCap))
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
            slot.Previous = fresh.Previous;
            Volatile.Write(ref slot.State, fresh.Word);
            return true;
        }

        Interlocked.Increment(ref _refused);
        index = -1;
        return true;
    }

    private bool TryReserveKey(in QuotaInstant now, bool beyondCap)
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
                break;
            }
        }

        if (beyondCap)
        {
            Interlocked.Increment(ref _keys);
        }

        return beyondCap;
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
            if (Slot.IsKey(state) && Limit.IsIdle(slot.Kind, state, now) && TryVacate(ref slot, state))
            {
                Interlocked.Increment(ref _evicted);
                any = true;
            }
        }

        return any;
    }

    private bool TryVacate(ref Slot slot, long state)
    {
        if (Interlocked.CompareExchange(ref slot.State, Slot.Busy, state) != state)
        {
            return false;
        }

        slot.Low = 0;
        slot.High = 0;
        Volatile.Write(ref slot.State, Slot.Free);
        Interlocked.Decrement(ref _keys);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot SlotAt(int index) =>
        ref Unsafe.As<long, Slot>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_memory), _offset + ((nint)index * SlotWords)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Home(in KeyHash hash) => (int)(((hash.High >> 32) * _homes) >> 32);

    private static void Lock(ref int homeLock)
    {
        SpinWait spin = default;
        while (Interlocked.CompareExchange(ref homeLock, 1, 0) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}

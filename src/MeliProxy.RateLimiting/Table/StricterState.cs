using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Table;

/// <summary>Makes one state of two of the same key, under which the key never gets more than under either.</summary>
internal static class StricterState
{
    /// <param name="kind">How both states are to be read.</param>
    /// <param name="held">A state, not frozen.</param>
    /// <param name="other">Another, not idle at <paramref name="now"/>.</param>
    /// <param name="now">The moment.</param>
    public static KeyState Of(SlotKind kind, in KeyState held, in KeyState other, in QuotaInstant now)
    {
        if (kind == SlotKind.TokenBucket)
        {
            return held with { Word = Math.Max(held.Word, other.Word) };
        }

        WindowLayout layout = WindowLayout.Of(kind);
        if (!QuotaTable.IsSliding(kind))
        {
            return held with { Word = StricterWindow(layout, held.Word, other.Word, now) };
        }

        long heldEnd = layout.EndMilliseconds(held.Word);
        long otherEnd = layout.EndMilliseconds(other.Word);
        if (heldEnd <= now.WallMilliseconds)
        {
            return other;
        }

        if (heldEnd == otherEnd)
        {
            return new KeyState(
                StricterWindow(layout, held.Word, other.Word, now), StricterWindow(layout, held.Previous, other.Previous, now));
        }

        // The current window of the earlier state is the one before, or one before that, of the later.
        KeyState later = heldEnd > otherEnd ? held : other;
        KeyState earlier = heldEnd > otherEnd ? other : held;
        long before = earlier.Word;
        if (layout.EndMilliseconds(earlier.Previous) > now.WallMilliseconds)
        {
            // Two windows back, yet it counts: the clock was set back, and the later state is ahead of it.
            before = layout.Add(before, layout.Count(earlier.Previous));
        }

        return later with { Previous = StricterWindow(layout, later.Previous, before, now) };
    }

    /// <summary>The window that has not ended; of two, the later end and the larger count, for ends differ only if the clock was set back.</summary>
    private static long StricterWindow(WindowLayout layout, long a, long b, in QuotaInstant now)
    {
        long endA = layout.EndMilliseconds(a);
        long endB = layout.EndMilliseconds(b);
        return endB <= now.WallMilliseconds ? a
            : endA <= now.WallMilliseconds ? b
            : layout.Pack(Math.Max(endA, endB), Math.Max(layout.Count(a), layout.Count(b)));
    }
}

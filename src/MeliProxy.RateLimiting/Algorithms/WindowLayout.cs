using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>
/// How a window's end and its count share 63 bits of state: the coarser the unit in which windows end, the more bits are left to count.
/// Every layout reaches 17 years past the limiter's start.
/// </summary>
internal sealed class WindowLayout
{
    private static readonly WindowLayout[] Layouts =
    [
        new(SlotKind.WindowOfMilliseconds, 1, 24),
        new(SlotKind.WindowOfSeconds, 1_000, 34),
        new(SlotKind.WindowOfMinutes, 60_000, 39),
        new(SlotKind.WindowOfHours, 3_600_000, 45),
    ];

    private readonly long _unitMilliseconds;
    private readonly int _countBits;

    private WindowLayout(SlotKind kind, long unitMilliseconds, int countBits)
    {
        Kind = kind;
        _unitMilliseconds = unitMilliseconds;
        _countBits = countBits;
    }

    /// <summary>The kind of a fixed window's state in this layout.</summary>
    public SlotKind Kind { get; }

    /// <summary>The kind of a sliding window's state in this layout.</summary>
    public SlotKind SlidingKind => Kind - SlotKind.WindowOfMilliseconds + SlotKind.SlidingWindowOfMilliseconds;

    public long MaxCount => (1L << _countBits) - 1;

    public static WindowLayout Of(SlotKind kind) => Layouts[((int)kind - (int)SlotKind.WindowOfMilliseconds) % Layouts.Length];

    /// <summary>The layout with the coarsest unit of which the window is a whole multiple.</summary>
    public static WindowLayout For(TimeSpan window) =>
        Array.FindLast(Layouts, layout => window.Ticks % (layout._unitMilliseconds * TimeSpan.TicksPerMillisecond) == 0) ?? Layouts[0];

    public long Pack(long endMilliseconds, long count) => (endMilliseconds / _unitMilliseconds << _countBits) | count;

    public long EndMilliseconds(long state) => ((state & long.MaxValue) >> _countBits) * _unitMilliseconds;

    public long Count(long state) => state & MaxCount;

    /// <summary>Adds to the count, as far as there is room for it.</summary>
    public long Add(long state, long count) => state + Math.Min(count, MaxCount - Count(state));
}

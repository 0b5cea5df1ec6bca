using MeliProxy.Sidecar.Usage.Store;

namespace MeliProxy.Sidecar.Usage.History;

/// <summary>A time cut into steps. All in Unix seconds; a step begins at a multiple of its length.</summary>
internal readonly record struct HistoryRange
{
    /// <summary>How many steps are chosen at most if nobody says how long they are.</summary>
    public const int UsualPoints = 300;

    /// <summary>How many steps there may be.</summary>
    public const int MostPoints = 2000;

    private HistoryRange(long from, long to, long step)
    {
        From = from;
        To = to;
        Step = step;
    }

    /// <summary>
    /// The steps that there are. Each is a multiple of the one before, so that what sidecars tell in different steps can be added up in the
    /// longest of them.
    /// </summary>
    public static IReadOnlyList<long> Steps { get; } = [1, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400, 604_800];

    /// <summary>When the first step begins.</summary>
    public long From { get; }

    /// <summary>When the last step ends.</summary>
    public long To { get; }

    public long Step { get; }

    public long Points => (To - From) / Step;

    /// <summary>The time from the step in which it begins to the one in which it ends.</summary>
    public static HistoryRange Of(long from, long to, long step)
    {
        long first = from - Mod(from, step);
        long last = to + Mod(-to, step);
        return new HistoryRange(first, Math.Max(last, first + step), step);
    }

    /// <summary>The time in the shortest steps of which there are not too many.</summary>
    public static HistoryRange Of(long from, long to) =>
        Steps.Select(step => Of(from, to, step)).FirstOrDefault(range => range.Points <= UsualPoints, Of(from, to, Steps[^1]));

    /// <summary>The same time in other steps.</summary>
    public HistoryRange By(long step) => Of(From, To, step);

    /// <summary>The same time in the next longer steps; <see langword="null"/> if there are none.</summary>
    public HistoryRange? Coarser()
    {
        foreach (long step in Steps)
        {
            if (step > Step)
            {
                return By(step);
            }
        }

        return null;
    }

    /// <summary>Which step a moment is in.</summary>
    public int IndexOf(long moment) => (int)((moment - From) / Step);

    /// <summary>The rows that tell steps as long as these.</summary>
    public Resolution FinestResolution()
    {
        long step = Step;
        return Resolution.All.Last(resolution => step % resolution.Seconds == 0);
    }

    private static long Mod(long x, long y) => ((x % y) + y) % y;
}

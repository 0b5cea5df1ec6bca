using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Limiting;

/// <content>Which decisions are looked at more closely.</content>
internal sealed partial class DecisionEngine
{
    /// <summary>In place of the moment at which a decision began: it is not timed.</summary>
    public const long NotTimed = -1;

    private volatile bool _isTimed;

    /// <summary>Whether some of the decisions are timed.</summary>
    public bool IsTimed
    {
        get => _isTimed;
        set
        {
            _isTimed = value;
            _samples = value || _countsByKeys;
        }
    }

    /// <summary>The moment at which a decision that is timed begins; <see cref="NotTimed"/> for others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long BeginTiming() => _isTimed ? BeginTimingIfDrawn() : NotTimed;

    /// <summary>Records how long a decision took, for each rule that had a say in it.</summary>
    public void EndTiming(BoundRule[] rules, ReadOnlySpan<PendingTake> takes, long began)
    {
        long length = Clock.Nanoseconds() - began;
        OutcomeCells counts = Counts.Mine();
        foreach (ref readonly PendingTake take in takes)
        {
            counts.AddTime(rules[take.Rule].Row, length);
        }
    }

    private long BeginTimingIfDrawn()
    {
        OutcomeCells counts = Counts.Mine();
        if (!counts.TimesNext)
        {
            return NotTimed;
        }

        counts.TimesNext = false;
        return Clock.Nanoseconds();
    }

    /// <summary>
    /// Draws whether a decision is counted by its keys. The one after it is timed, since it is too late for this one: as good a sample, and
    /// as few.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private UsageSample Sample(OutcomeCells counts, bool isRejection, long now)
    {
        if (!_samples)
        {
            return default;
        }

        int weight = counts.Sampling.Next(now);
        counts.TimesNext = weight > 0;
        return new UsageSample(weight, isRejection, now);
    }
}

using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.Sidecar.Usage.History;

/// <summary>What a rule did in a step.</summary>
internal sealed class RulePoint
{
    /// <summary>The names of <see cref="Counts"/>, as answers have them.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["allowed", "limited", "shadowLimited", "delayed", "failed", "noRoom", "failOpen", "cost"];

    public long[] Counts { get; } = new long[Names.Count];

    /// <summary>The largest share of its quota that a key had used, 0 to 1 or more.</summary>
    public double UsedShare { get; set; }

    public LatencyHistogram DecisionTime { get; set; } = LatencyHistogram.Empty;

    public void Add(RulePoint other)
    {
        for (int i = 0; i < Counts.Length; i++)
        {
            Counts[i] += other.Counts[i];
        }

        UsedShare = Math.Max(UsedShare, other.UsedShare);
        DecisionTime = DecisionTime.Add(other.DecisionTime);
    }
}

namespace MeliProxy.SharingBench.Load;

/// <summary>All requests of a run.</summary>
/// <param name="Samples">Them, in the order they were due.</param>
/// <param name="Start">When it began.</param>
/// <param name="Stop">When the last request was due.</param>
public sealed record Run(IReadOnlyList<Sample> Samples, long Start, long Stop)
{
    public int Admitted => Samples.Count(s => s.IsAdmitted);

    public int Rejected => Samples.Count(s => s.IsRejected);

    public int Unanswered => Samples.Count(s => s.Status == 0);

    public int Failed => Samples.Count(s => s.Status is not (0 or 200 or 429));

    /// <summary>The requests that were due in a part of the run.</summary>
    public Run Between(long from, long to) => new([.. Samples.Where(s => s.Due >= from && s.Due < to)], from, to);

    /// <summary>The run without its first part.</summary>
    public Run After(TimeSpan time) => Between(Start + (long)time.TotalNanoseconds, Stop + 1);

    /// <summary>A quantile of the time from when a request was due to its answer, in milliseconds.</summary>
    public double Latency(double quantile)
    {
        double[] sorted = [.. Samples.Where(s => s.Status != 0).Select(s => s.Milliseconds).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[(int)(quantile * (sorted.Length - 1))];
    }

    /// <summary>Admitted per second, of what a limit gives out per second.</summary>
    public double Utilization(double limit) => Admitted / (limit * (Stop - Start) / Clock.Second);
}

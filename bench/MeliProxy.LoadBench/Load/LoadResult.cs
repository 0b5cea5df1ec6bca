namespace MeliProxy.LoadBench.Load;

/// <summary>What a load got.</summary>
/// <param name="Answers">All answers, whatever their status.</param>
/// <param name="Rejected">Those with a status that is not 2xx.</param>
/// <param name="Failures">Connections that failed and requests that were never answered.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="P50">The median latency in milliseconds.</param>
/// <param name="P99">Its 99th percentile.</param>
/// <param name="P999">Its 99.9th percentile.</param>
public sealed record LoadResult(long Answers, long Rejected, long Failures, TimeSpan Duration, double P50, double P99, double P999)
{
    /// <summary>Makes it of the latency of every answer.</summary>
    public static LoadResult Of(double[] milliseconds, long rejected, long failures, TimeSpan duration)
    {
        Array.Sort(milliseconds);
        return new LoadResult(milliseconds.Length, rejected, failures, duration, Quantile(0.5), Quantile(0.99), Quantile(0.999));

        double Quantile(double q) => milliseconds.Length == 0 ? double.NaN : milliseconds[(int)(q * (milliseconds.Length - 1))];
    }
}

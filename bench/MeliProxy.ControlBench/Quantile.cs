namespace MeliProxy.ControlBench;

/// <summary>The value that a part of all values do not exceed.</summary>
public static class Quantile
{
    public static double Of(IEnumerable<double> values, double part)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)Math.Ceiling(part * (sorted.Length - 1))];
    }
}

namespace MeliProxy.RateLimiting.InfluxDB.Points;

/// <summary>Consecutive lines of a batch.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">Behind the last.</param>
internal readonly record struct LineRange(int Start, int End)
{
    public int Count => End - Start;
}

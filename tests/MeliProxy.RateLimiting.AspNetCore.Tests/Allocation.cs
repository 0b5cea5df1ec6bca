namespace MeliProxy.RateLimiting.AspNetCore.Tests;

/// <summary>Measures what an action allocates once it has warmed up.</summary>
internal static class Allocation
{
    private const int Rounds = 1000;
    private const int Measurements = 3;

    /// <summary>The least of a few measurements: pools may have to fill again when other tests make the collector trim them.</summary>
    public static long Of(Action action)
    {
        Measure(action);
        return Enumerable.Range(0, Measurements).Min(_ => Measure(action));
    }

    private static long Measure(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}

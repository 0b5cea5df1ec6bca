namespace MeliProxy.RateLimiting.AspNetCore.Tests;

/// <summary>Measures what an action allocates once it has warmed up.</summary>
internal static class Allocation
{
    private const int Rounds = 1000;

    public static long Of(Action action)
    {
        for (int i = 0; i < Rounds; i++)
        {
            action();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}

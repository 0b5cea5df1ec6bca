namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>Stands in for the real one in the product's source: who spins does not run again until another strand has written something.</summary>
internal struct SpinWait
{
    public int Count { get; private set; }

    public void SpinOnce(int sleep1Threshold)
    {
        _ = sleep1Threshold;
        Count++;
        Strand.Current?.Yield();
    }
}

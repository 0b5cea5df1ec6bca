namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>Chooses which strand goes on.</summary>
internal abstract class Schedule
{
    /// <param name="step">The number of the step.</param>
    /// <param name="current">Who would go on, or -1 if he cannot.</param>
    /// <param name="ready">Who could go on.</param>
    /// <param name="isPoint">Whether what the current strand is about to do can matter to others.</param>
    public abstract int Choose(int step, int current, IReadOnlyList<int> ready, bool isPoint);
}

namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>Something did not hold under a schedule.</summary>
internal sealed class InterleavingException(string schedule, string steps, Exception cause)
    : Exception($"Under the schedule \"{schedule}\": {cause.Message}\n{steps}", cause)
{
    /// <summary>For <see cref="Explorer.Replay"/>.</summary>
    public string Schedule => schedule;
}

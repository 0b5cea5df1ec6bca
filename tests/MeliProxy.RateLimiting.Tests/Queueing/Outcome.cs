namespace MeliProxy.RateLimiting.Tests.Queueing;

/// <summary>What became of one who asked.</summary>
internal enum Outcome
{
    Waits,
    Passed,
    Rejected,
    Cancelled,
}

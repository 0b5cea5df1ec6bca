namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>Breaks the product, to prove that an exploration notices.</summary>
/// <param name="Kind">How.</param>
/// <param name="Location">Which operations: the end of the expression they are written with, such as <c>.State</c>.</param>
/// <param name="Value">Only those that set this value, if given.</param>
internal sealed record Fault(FaultKind Kind, string Location, long? Value = null)
{
    public bool Applies(string location, long value) => location.EndsWith(Location, StringComparison.Ordinal) && (Value ?? value) == value;
}

using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Comparison;

/// <summary>Where the two forwarders differ on purpose.</summary>
/// <param name="Reason">Why the direct one does otherwise.</param>
/// <param name="Covers">Whether a fact of an exchange, with what it is for the direct forwarder and for YARP, is such a difference.</param>
internal sealed record Deviation(string Reason, Func<Exchange, Difference, bool> Covers)
{
    /// <summary>All there are.</summary>
    public static IReadOnlyList<Deviation> All { get; } = [];
}

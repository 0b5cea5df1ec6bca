namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Comparison;

/// <summary>A fact in which two forwarders do not agree.</summary>
/// <param name="Fact">What it is about.</param>
/// <param name="Direct">What it is for the direct forwarder; <see langword="null"/> if there is no such thing.</param>
/// <param name="Yarp">What it is for YARP; <see langword="null"/> if there is no such thing.</param>
internal sealed record Difference(string Fact, string? Direct, string? Yarp)
{
    public override string ToString() => $"{Fact}\n    direct: {Direct ?? "(none)"}\n    YARP:   {Yarp ?? "(none)"}";
}

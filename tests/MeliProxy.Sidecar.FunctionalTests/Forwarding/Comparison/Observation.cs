using MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Comparison;

/// <summary>What both sides of a sidecar saw of an exchange.</summary>
/// <param name="Answers">What the client read.</param>
/// <param name="IsReusable">Whether the client's connection was good for another request; unknown if the client has ended it.</param>
/// <param name="Requests">What the upstream read.</param>
/// <param name="Proxy">The sidecar's address and port.</param>
/// <param name="Upstream">The upstream's address and port.</param>
internal sealed record Observation(
    IReadOnlyList<HttpMessage> Answers, bool? IsReusable, IReadOnlyList<HttpMessage> Requests, string Proxy, string Upstream);

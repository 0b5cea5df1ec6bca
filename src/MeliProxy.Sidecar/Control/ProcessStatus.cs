using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.Sidecar.Control;

/// <summary>How the process of a sidecar stands.</summary>
/// <param name="Since">When it began to count.</param>
/// <param name="InFlight">Requests under way; 0 if traffic is not recorded.</param>
/// <param name="ResidentBytes">Memory in use.</param>
/// <param name="Sinks">How the sinks of usage fare.</param>
internal sealed record ProcessStatus(DateTimeOffset Since, long InFlight, long ResidentBytes, IReadOnlyList<SinkStatus> Sinks);

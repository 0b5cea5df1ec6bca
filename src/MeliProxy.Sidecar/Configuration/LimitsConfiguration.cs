using MeliProxy.RateLimiting;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>What the limiter may take.</summary>
/// <param name="MaxKeys">The cap on keys held at a time.</param>
/// <param name="WhenFull">What happens to a request whose key finds no room.</param>
/// <param name="MaxQueued">The cap on requests that wait at a time, of all rules together.</param>
internal sealed record LimitsConfiguration(int MaxKeys, KeyCapBehavior WhenFull, int MaxQueued);

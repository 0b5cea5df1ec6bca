using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Usage;

/// <summary>Makes the sinks that a configuration asks for.</summary>
internal static class UsageSinks
{
    /// <param name="configuration">What the sidecar is to do.</param>
    /// <returns>The sinks, to be disposed of after the reporter, if they are disposable.</returns>
    public static IReadOnlyList<IUsageSink> Create(SidecarConfiguration configuration)
    {
        List<IUsageSink> sinks = [];
        return configuration.Usage.Record ? sinks : [];
    }
}

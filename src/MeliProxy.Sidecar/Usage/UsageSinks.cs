using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Usage.Store;

namespace MeliProxy.Sidecar.Usage;

/// <summary>Makes the sinks that a configuration asks for.</summary>
internal static class UsageSinks
{
    /// <param name="configuration">What the sidecar is to do.</param>
    /// <param name="loggers">Where they log.</param>
    /// <param name="time">The clock of their delays.</param>
    /// <returns>The sinks, to be disposed of after the reporter, if they are disposable.</returns>
    public static IReadOnlyList<IUsageSink> Create(SidecarConfiguration configuration, ILoggerFactory loggers, TimeProvider time)
    {
        List<IUsageSink> sinks = [];
        if (!configuration.Usage.Record)
        {
            return sinks;
        }

        if (configuration.Usage.Store is { } store)
        {
            sinks.Add(UsageStore.Start(store, time, loggers));
        }

        if (configuration.Usage.InfluxDB is { } influxdb)
        {
            sinks.Add(InfluxDBSink.Create(influxdb, loggers, time));
        }

        return sinks;
    }
}

using MeliProxy.RateLimiting.InfluxDB;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Usage;

/// <summary>Makes the sink that writes usage to InfluxDB.</summary>
internal static class InfluxDBSink
{
    /// <summary>Thousands of sidecars take their snapshots at the same whole second, and are not to send them at the same moment.</summary>
    private static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(500);

    /// <summary>Makes it as configured.</summary>
    /// <param name="configuration">The server and what it needs.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="time">The clock of its delays.</param>
    public static InfluxDBUsageSink Create(InfluxDBConfiguration configuration, ILoggerFactory loggers, TimeProvider time) =>
        new(new InfluxDBSinkOptions
        {
            Url = configuration.Url,
            Database = configuration.Database,
            RetentionPolicy = configuration.RetentionPolicy,
            User = configuration.User,
            Password = configuration.Password,
            Org = configuration.Org,
            Bucket = configuration.Bucket,
            Token = configuration.Token,
            Gzip = configuration.Gzip,
            BatchSize = configuration.BatchSize,
            FlushInterval = configuration.FlushInterval,
            JitterInterval = Jitter,
            KeyText = configuration.KeyText,
            KeySecret = configuration.KeySecret,
            Tags = configuration.Tags,
            Loggers = loggers,
            TimeProvider = time,
        });
}

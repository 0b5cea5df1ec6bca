using System.Threading.Channels;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>What has to be so for sharing, whatever else a connection's options say.</summary>
internal static class ConnectionOptions
{
    public static NatsOpts For(NatsOpts options) => options with
    {
        Name = options.Name == NatsOpts.Default.Name ? "MeliProxy" : options.Name,

        // The owner of a shard has leases of it too, and asks itself.
        Echo = true,

        // A server that hangs is noticed within three seconds.
        PingInterval = TimeSpan.FromSeconds(1),
        MaxPingOut = 2,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        CommandTimeout = TimeSpan.FromSeconds(2),
        RequestTimeout = TimeSpan.FromSeconds(2),
        RetryOnInitialConnect = true,
        MaxReconnectRetry = -1,
        IgnoreAuthErrorAbort = true,
        ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
        ReconnectWaitMax = TimeSpan.FromSeconds(2),
        ReconnectJitter = TimeSpan.FromMilliseconds(100),
        PublishTimeoutOnDisconnected = true,

        // Reports are cumulative, so the newest is worth more than those before.
        SubPendingChannelFullMode = BoundedChannelFullMode.DropOldest,
        SuppressSlowConsumerWarnings = true,
    };
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>How a process shares quotas over NATS.</summary>
public sealed record NatsSharingOptions
{
    /// <summary>
    /// The servers, and how to authenticate to them: user and password, token, nkey, credentials file, TLS, all by the client's own options.
    /// What has to be so for sharing is set over it: that it reconnects for ever, and how soon a server that hangs is noticed.
    /// </summary>
    public required NatsOpts Connection { get; init; }

    /// <summary>The domain: members of the same one share.</summary>
    public required NatsSubjects Subjects { get; init; }

    /// <summary>
    /// What this member tells of itself to <see cref="NatsSharing.GatherNodesAsync"/>, given the question, which may be any text: JSON of at most
    /// 65,536 bytes; nothing to keep silent. Called by any thread. <see langword="null"/>, the default: it keeps silent.
    /// </summary>
    public Func<string, ReadOnlyMemory<byte>>? DescribeNode { get; init; }

    /// <summary>The rule document that all members of the domain have. <see langword="null"/>, the default: rules are no matter of NATS.</summary>
    public NatsRuleStore? Rules { get; init; }

    /// <summary>The commands that are answered. <see langword="null"/>, the default: none.</summary>
    public NatsCommandOptions? Commands { get; init; }

    /// <summary>
    /// How many copies JetStream keeps of what is agreed on, where the bucket is made; 1 to 5. Default: 1. A cluster of three or more servers
    /// loses nothing with 3.
    /// </summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Where it logs. Default: nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of its timers. Default: <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

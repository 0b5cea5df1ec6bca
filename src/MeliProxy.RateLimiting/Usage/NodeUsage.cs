namespace MeliProxy.RateLimiting.Usage;

/// <summary>How a process stands at the end of a snapshot.</summary>
public sealed record NodeUsage
{
    /// <summary>Keys held.</summary>
    public long ActiveKeys { get; init; }

    /// <summary>Idle keys evicted in the time of the snapshot.</summary>
    public long EvictedKeys { get; init; }

    /// <summary>Resources that wait for a rule.</summary>
    public long Queued { get; init; }

    /// <summary>Requests under way.</summary>
    public long InFlight { get; init; }

    /// <summary>Memory in use by the process, in bytes.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>Whether the transport of shared quotas has a connection; <see langword="null"/> if nothing is shared.</summary>
    public bool? IsSharingConnected { get; init; }

    /// <summary>How long leases took to be answered, of late; <see langword="null"/> if not known.</summary>
    public TimeSpan? LeaseLag { get; init; }

    /// <summary>The revision of the rules in force; 0 if they have none.</summary>
    public long RulesRevision { get; init; }

    /// <summary>How the sinks of usage fare.</summary>
    public IReadOnlyList<SinkStatus> Sinks { get; init; } = [];
}

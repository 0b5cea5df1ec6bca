namespace MeliProxy.RateLimiting.Leasing;

/// <summary>How one process takes part in sharing, at one moment.</summary>
public sealed record SharingStatus
{
    /// <summary>Its <see cref="QuotaSharing.Node"/>.</summary>
    public required ulong Node { get; init; }

    /// <summary>Whether its transport has a connection.</summary>
    public required bool IsConnected { get; init; }

    /// <summary>Members of the domain as last known, this one included; 0 if that is not known yet.</summary>
    public required int Members { get; init; }

    /// <summary>Keys of which it holds or has asked for a lease.</summary>
    public required int LeasedKeys { get; init; }

    /// <summary>Permits that it may spend without asking.</summary>
    public required long HeldPermits { get; init; }

    /// <summary>
    /// Time from sending a report to its answer, of those answered last; <see langword="null"/> if none was answered yet.
    /// </summary>
    public required TimeSpan? Lag { get; init; }

    /// <summary>Messages that could not be read, or that said what cannot be.</summary>
    public required long RefusedMessages { get; init; }

    /// <summary>The shards that this process uses or owns.</summary>
    public required IReadOnlyList<ShardStatus> Shards { get; init; }

    /// <summary>The bound of each shared rule.</summary>
    public required IReadOnlyList<SharedRuleStatus> Rules { get; init; }
}

namespace MeliProxy.Simulation;

/// <summary>What a simulation came to.</summary>
public sealed record Outcome
{
    public required Scenario Scenario { get; init; }

    public required long Offered { get; init; }

    public required long Admitted { get; init; }

    /// <summary>The most that a key was admitted in a window, of what the rule gives out in one.</summary>
    public required double MaxWindowRatio { get; init; }

    /// <summary>Buckets: the burst that would have been needed, of the rule's.</summary>
    public required double BurstRatio { get; init; }

    /// <summary>After two seconds: what was admitted, of the lesser of what the rule gives out and what was asked for.</summary>
    public required double Utilization { get; init; }

    public required double MessagesPerNodeAndSecond { get; init; }

    public required double ReportsPerOwnerAndSecond { get; init; }

    public required double BytesPerNodeAndSecond { get; init; }
}

using System.Globalization;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation;

/// <summary>What a simulation came to.</summary>
public sealed record Outcome
{
    public required Scenario Scenario { get; init; }

    public required long Offered { get; init; }

    public required long Admitted { get; init; }

    /// <summary>The most permits that a key was admitted in a window.</summary>
    public required long MostInWindow { get; init; }

    /// <summary>The same, of what the rule gives out in one.</summary>
    public required double MaxWindowRatio { get; init; }

    /// <summary>While measured: what was admitted in a window on average, of the rule's limit.</summary>
    public required double MeanWindowRatio { get; init; }

    /// <summary>The most that a key used of its quota, counted as its rule counts; see <see cref="Conformance.RuleRatio"/>.</summary>
    public required double RuleRatio { get; init; }

    /// <summary>The most that the rule promised in a window, of all nodes and moments; 0 if it promised nothing once.</summary>
    public required long Bound { get; init; }

    /// <summary>While measured: what was admitted, of the lesser of what the rule gives out and what was asked for.</summary>
    public required double Utilization { get; init; }

    /// <summary>While measured: the part of requests that was rejected.</summary>
    public required double Rejected { get; init; }

    public required double MessagesPerNodeAndSecond { get; init; }

    public required double ReportsPerOwnerAndSecond { get; init; }

    public required double BytesPerNodeAndSecond { get; init; }

    /// <summary>Things that happened: requests, ticks, messages.</summary>
    public required long Steps { get; init; }

    /// <summary>A hash of when and where each request was admitted.</summary>
    public required ulong Trace { get; init; }

    /// <summary>All that it takes to understand it, in a few lines.</summary>
    public string Describe()
    {
        RateLimitRule rule = Scenario.Rule;
        IEnumerable<string> faults = Scenario.Faults.Select(
            f => string.Create(CultureInfo.InvariantCulture, $"{f.Kind} of {f.Node} at {f.At.TotalSeconds:F3} s for {f.For.TotalSeconds:F3} s"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Scenario.Name}: {rule.Algorithm} {rule.Limit} per {rule.NominalWindow}, capacity {rule.Capacity}, cost {rule.Cost}, {rule.ColdStart}, {rule.OnPartition}
              {Scenario.Nodes} nodes, {Scenario.Keys} keys, {Scenario.Demand:F1}/s each, hot {Scenario.HotPart:F2} shifting {Scenario.ShiftEvery}, bursts of {Scenario.BurstSize} every {Scenario.BurstEvery} at {Scenario.BurstNodes}, seed {Scenario.Seed}, {Scenario.Duration}
              delay {Scenario.MeanDelay.TotalMilliseconds:F1} ms, loss {Scenario.Loss:F3}, doubled {Scenario.Doubled:F3}, drift {Scenario.Drift}, skew {Scenario.Skew}
              faults: {string.Join("; ", faults)}
              admitted {Admitted} of {Offered}, most in a window {MostInWindow} (bound {Bound}), by the rule {RuleRatio:F4}, used {Utilization:F3}, rejected {Rejected:F4}, messages {MessagesPerNodeAndSecond:F2}
            """);
    }
}

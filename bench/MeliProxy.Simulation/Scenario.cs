using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation;

/// <summary>What is simulated. Everything that happens follows from it and its seed.</summary>
public sealed record Scenario
{
    public required string Name { get; init; }

    public required RateLimitRule Rule { get; init; }

    public int Seed { get; init; } = 1;

    public int Nodes { get; init; } = 8;

    public int Keys { get; init; } = 1;

    /// <summary>Requests per second of all nodes for each key.</summary>
    public double Demand { get; init; } = 4_000;

    /// <summary>The part of the demand that one node has; the rest is even. 0: all of it is even.</summary>
    public double HotPart { get; init; }

    /// <summary>How often another node becomes the hot one. Zero: never.</summary>
    public TimeSpan ShiftEvery { get; init; }

    /// <summary>Requests that come at once, beside <see cref="Demand"/>, to each of <see cref="BurstNodes"/>. 0: none.</summary>
    public int BurstSize { get; init; }

    /// <summary>How often they come to a node; the nodes' first ones are spread over at most half a second.</summary>
    public TimeSpan BurstEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many of the nodes have bursts, each of its own.</summary>
    public int BurstNodes { get; init; } = 1;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The mean of the part of a message's delay that is random; 0.2 ms come on top.</summary>
    public TimeSpan MeanDelay { get; init; } = TimeSpan.FromMilliseconds(0.5);

    /// <summary>The part of messages that is lost, and the part that comes twice.</summary>
    public double Loss { get; init; }

    public double Doubled { get; init; }

    /// <summary>The largest part by which a clock is fast or slow, and the most by which a wall clock is off.</summary>
    public double Drift { get; init; }

    public TimeSpan Skew { get; init; }

    /// <summary>Time before the first request.</summary>
    public TimeSpan QuietFor { get; init; }

    /// <summary>From when on utilisation and rejections are measured.</summary>
    public TimeSpan MeasuredFrom { get; init; } = TimeSpan.FromSeconds(2);

    public IReadOnlyList<Fault> Faults { get; init; } = [];
}

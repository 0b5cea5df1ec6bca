using System.Globalization;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation;

/// <summary>Makes a scenario from a number, the same one each time: any algorithm, demand, network and set of faults.</summary>
/// <remarks>
/// Windows are counted by the wall clock of whoever owns the key. So where clocks are off, windows have neither faults nor losses, by which
/// another owner could take over, and one key.
/// </remarks>
public static class RandomScenario
{
    private const double MostAdmittedPerSecond = 3_000;
    private const double MostOfferedPerSecond = 4_000;

    /// <summary>By then everyone knows how many members there are, among whom a limit is divided when cut off.</summary>
    private const double MembersKnownAt = 5;

    /// <summary>Makes a scenario.</summary>
    /// <param name="seed">Its number.</param>
    /// <param name="behavior">What the rule does when cut off.</param>
    /// <param name="coldStart">What a key may use before its first lease.</param>
    public static Scenario For(int seed, PartitionBehavior behavior, ColdStartBehavior coldStart)
    {
        Random random = new(seed);
        double faultsFrom = behavior == PartitionBehavior.Closed ? 1 : MembersKnownAt;
        TimeSpan duration = TimeSpan.FromSeconds(faultsFrom + random.Next(7, 15));
        RateLimitRule rule = Rule(random) with { OnPartition = behavior, ColdStart = coldStart };
        bool isFaulty = random.Next(4) > 0;
        bool areClocksOff = random.Next(2) == 0 && !(isFaulty && rule.Algorithm != RateLimitAlgorithm.TokenBucket);
        int keys = areClocksOff && rule.Algorithm != RateLimitAlgorithm.TokenBucket ? 1 : random.Next(1, 6);
        double rate = rule.Limit / rule.NominalWindow.TotalSeconds / Math.Max(rule.Cost, 1);
        double demand = Math.Max(rate * Math.Pow(2, (random.NextDouble() * 5.3) - 2.3), 1);
        int shape = random.Next(3);
        int nodes = (int)Math.Round(2 * Math.Pow(30, random.NextDouble()));
        return new Scenario
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"random {seed}"),
            Seed = seed,
            Rule = rule,
            Nodes = nodes,
            Keys = keys,
            Demand = Math.Min(demand, MostOfferedPerSecond / keys),
            HotPart = shape == 0 ? 0 : 0.5 + (random.NextDouble() / 2),
            ShiftEvery = shape == 2 ? TimeSpan.FromMilliseconds(random.Next(200, 3_000)) : TimeSpan.Zero,
            Duration = duration,
            QuietFor = areClocksOff ? TimeSpan.FromSeconds(1) : TimeSpan.Zero,
            MeanDelay = TimeSpan.FromMilliseconds(0.2 * Math.Pow(1_000, random.NextDouble())),
            Loss = isFaulty && random.Next(2) == 0 ? 0.05 * random.NextDouble() : 0,
            Doubled = random.Next(2) == 0 ? 0.2 * random.NextDouble() : 0,
            Drift = areClocksOff ? 0.0002 : 0,
            Skew = areClocksOff && !isFaulty ? TimeSpan.FromMilliseconds(random.Next(0, 500)) : TimeSpan.Zero,
            Faults = isFaulty ? [.. Enumerable.Range(0, random.Next(0, 5)).Select(_ => NextFault(random, faultsFrom, duration, nodes))] : [],
        };
    }

    /// <summary>How to run it again.</summary>
    public static string CommandFor(int seed, PartitionBehavior behavior, ColdStartBehavior coldStart) => string.Create(
        CultureInfo.InvariantCulture,
        $"dotnet run -c Release --project bench/MeliProxy.Simulation -- --seed {seed} --on-partition {behavior} --cold-start {coldStart}");

    private static RateLimitRule Rule(Random random)
    {
        int algorithm = random.Next(5);
        TimeSpan window = TimeSpan.FromSeconds(random.Next(2) == 0 ? 1 : random.Next(1, 31));
        double perSecond = MostAdmittedPerSecond / 4 * Math.Pow(0.001, random.NextDouble());
        RateLimitRule rule = new()
        {
            Name = "shared",
            Key = ["key"],
            Scope = RuleScope.Shared,
            Window = window,
            Limit = Math.Max((long)(perSecond * window.TotalSeconds), 2),
            Cost = random.Next(4) == 0 ? random.Next(1, 4) : 1,
        };
        return algorithm switch
        {
            0 => rule with { Algorithm = RateLimitAlgorithm.FixedWindow, Limit = Math.Max(rule.Limit, rule.Cost) },
            1 => rule with { Algorithm = RateLimitAlgorithm.SlidingWindow, Limit = Math.Max(rule.Limit, rule.Cost) },
            2 => rule with { Limit = random.Next(5, 100), Window = TimeSpan.FromMinutes(1), Burst = random.Next(3, 30) },
            3 => rule with { Burst = Math.Max((long)(rule.Limit * 0.2 * random.NextDouble()), rule.Cost) },
            _ => rule with { Burst = Math.Max(rule.Limit, rule.Cost) },
        };
    }

    private static Fault NextFault(Random random, double from, TimeSpan duration, int nodes) => new(
        (FaultKind)random.Next(5),
        TimeSpan.FromSeconds(from + (random.NextDouble() * (duration.TotalSeconds - from - 1))),
        TimeSpan.FromSeconds(0.05 * Math.Pow(100, random.NextDouble())),
        random.Next(2) == 0 ? -1 : random.Next(nodes));
}

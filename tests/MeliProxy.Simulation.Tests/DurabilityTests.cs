using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation.Tests;

/// <summary>That what comes back only over hours is not given out twice, whoever is lost.</summary>
public class DurabilityTests
{
    private const int Nodes = 6;
    private const long Limit = 1_000;
    private const double Demand = 50;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60);

    private static readonly RateLimitRule Fixed = new()
    {
        Name = "shared",
        Key = ["key"],
        Algorithm = RateLimitAlgorithm.FixedWindow,
        Limit = Limit,
        Window = TimeSpan.FromDays(1),
        Scope = RuleScope.Shared,
        ColdStart = ColdStartBehavior.Wait,
        OnPartition = PartitionBehavior.Closed,
    };

    public static TheoryData<string> Rules => ["fixed", "calendar", "sliding", "bucket"];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Without_faults_the_whole_quota_is_given_out_once(string rule) => Check(rule, mostLost: 0, []);

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_quota_survives_its_owner(string rule) => Check(
        rule, mostLost: 5 * Demand, [new Fault(FaultKind.Kill, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(1))]);

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_quota_survives_all_nodes(string rule) => Check(
        rule,
        mostLost: 5 * Demand,
        [.. Enumerable.Range(0, Nodes).Select(node => new Fault(FaultKind.Kill, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(2), node))]);

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_quota_survives_owners_lost_one_after_another(string rule) => Check(
        rule,
        mostLost: 4 * 5 * Demand,
        [
            new Fault(FaultKind.Kill, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1)),
            new Fault(FaultKind.Pause, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(4)),
            new Fault(FaultKind.Isolate, TimeSpan.FromSeconds(14), TimeSpan.FromSeconds(4)),
            new Fault(FaultKind.Kill, TimeSpan.FromSeconds(18.2), TimeSpan.FromSeconds(0.1)),
        ]);

    /// <summary>So much is asked for that everything is given out that still can be.</summary>
    private static void Check(string name, double mostLost, IReadOnlyList<Fault> faults)
    {
        RateLimitRule rule = name switch
        {
            "fixed" => Fixed,
            "calendar" => Fixed with { Window = TimeSpan.Zero, Calendar = CalendarPeriod.Day },
            "sliding" => Fixed with { Algorithm = RateLimitAlgorithm.SlidingWindow },
            _ => Fixed with { Algorithm = RateLimitAlgorithm.TokenBucket },
        };
        for (int seed = 1; seed <= 5; seed++)
        {
            Outcome outcome = SimulationRun.Run(new Scenario
            {
                Name = name, Rule = rule, Seed = seed, Nodes = Nodes, Demand = Demand, Duration = Duration, Faults = faults,
            });

            // A bucket of a thousand a day has got one permit back by the end.
            long most = rule.Algorithm == RateLimitAlgorithm.TokenBucket ? Limit + 1 : Limit;
            Assert.True(outcome.Admitted <= most && outcome.Admitted >= Limit - mostLost, outcome.Describe());
        }
    }
}

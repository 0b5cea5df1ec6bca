using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation.Tests;

/// <summary>That what a rule gives out is there for those who ask for it.</summary>
public class LivenessTests
{
    private static readonly RateLimitRule Bucket = new()
    {
        Name = "shared",
        Key = ["key"],
        Limit = 1_000,
        Window = TimeSpan.FromSeconds(1),
        Scope = RuleScope.Shared,
        ColdStart = ColdStartBehavior.Wait,
        OnPartition = PartitionBehavior.Closed,
    };

    private static readonly RateLimitRule Window = Bucket with
    {
        Algorithm = RateLimitAlgorithm.FixedWindow,
        Limit = 10_000,
        Window = TimeSpan.FromSeconds(10),
    };

    private static readonly RateLimitRule PerMinute = Bucket with { Limit = 6_000, Window = TimeSpan.FromMinutes(1) };

    public static TheoryData<double, double> Shapes => new()
    {
        { 0, 0 },
        { 0.9, 0 },
        { 1, 0 },
        { 0.9, 2 },
    };

    public static TheoryData<FaultKind, double> Faults
    {
        get
        {
            TheoryData<FaultKind, double> faults = [];
            foreach (FaultKind kind in Enum.GetValues<FaultKind>())
            {
                faults.Add(kind, 0.5);
                faults.Add(kind, 3);
            }

            return faults;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void All_that_is_given_out_is_used_where_more_is_asked_for(double hotPart, double shiftSeconds)
    {
        Check(Run(Bucket, 4_000, hotPart, shiftSeconds), o => o.Utilization is > 0.97 and < 1.01);
        Check(Run(Bucket, 1_500, hotPart, shiftSeconds), o => o.Utilization is > 0.97 and < 1.01);
        Check(Run(Window, 4_000, hotPart, shiftSeconds), o => o.Utilization is > 0.97 and < 1.01);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Next_to_nothing_is_rejected_where_less_is_asked_for(double hotPart, double shiftSeconds)
    {
        Check(Run(Bucket, 900, hotPart, shiftSeconds), o => o.Rejected <= 0.01);
        Check(Run(Window, 900, hotPart, shiftSeconds), o => o.Rejected <= 0.01);
    }

    [Theory]
    [InlineData(50, 2, 1)]
    [InlineData(50, 2, 3)]
    [InlineData(50, 2, 8)]
    [InlineData(10, 0.5, 1)]
    [InlineData(10, 0.5, 8)]
    public void Bursts_far_below_the_limit_pass(int size, double everySeconds, int nodes)
    {
        foreach (ColdStartBehavior coldStart in Enum.GetValues<ColdStartBehavior>())
        {
            for (int seed = 1; seed <= 5; seed++)
            {
                Check(Bursts(PerMinute with { ColdStart = coldStart }, size, everySeconds, nodes, seed), o => o.Rejected == 0);
            }
        }
    }

    /// <remarks>Ten times what the limit gives out, in bursts: what nodes keep for theirs must not keep it from the others.</remarks>
    [Theory]
    [InlineData(250, 2)]
    [InlineData(60, 0.5)]
    public void Of_bursts_beyond_the_limit_as_many_pass_as_it_gives_out(int size, double everySeconds)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            Check(
                Bursts(PerMinute with { Burst = 600 }, size, everySeconds, nodes: 8, seed),
                o => o.Utilization is > 0.95 and < 1.05 && o.MessagesPerNodeAndSecond < 40);
        }
    }

    /// <remarks>All nodes but one have had bursts and keep permits for more; then nearly all of the demand is at the one.</remarks>
    [Fact]
    public void One_that_wants_all_is_not_kept_from_it_by_the_bursts_of_others()
    {
        Scenario scenario = new()
        {
            Name = "bursts beside demand",
            Rule = PerMinute,
            HotPart = 0.9,
            Demand = 400,
            BurstSize = 20,
            BurstEvery = TimeSpan.FromSeconds(4),
            BurstNodes = 8,
            MeasuredFrom = TimeSpan.FromSeconds(25),
            Duration = TimeSpan.FromSeconds(60),
        };
        Check(SimulationRun.Run(scenario), o => o.Utilization is > 0.97 and < 1.01);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Five_seconds_after_a_fault_of_the_owner_all_is_used_again(FaultKind kind, double seconds)
    {
        TimeSpan at = TimeSpan.FromSeconds(5.3);
        TimeSpan lasts = TimeSpan.FromSeconds(seconds);
        Outcome outcome = SimulationRun.Run(new Scenario
        {
            Name = $"{kind}",
            Rule = Bucket,
            Demand = 2_000,
            Duration = at + lasts + TimeSpan.FromSeconds(10),
            MeasuredFrom = at + lasts + TimeSpan.FromSeconds(5),
            Faults = [new Fault(kind, at, lasts)],
        });
        Check(outcome, o => o.Utilization >= 0.9);
    }

    private static void Check(Outcome outcome, Predicate<Outcome> holds) => Assert.True(holds(outcome), outcome.Describe());

    private static Outcome Bursts(RateLimitRule rule, int size, double everySeconds, int nodes, int seed) => SimulationRun.Run(new Scenario
    {
        Name = "bursts",
        Rule = rule,
        Seed = seed,
        Demand = 0,
        BurstSize = size,
        BurstEvery = TimeSpan.FromSeconds(everySeconds),
        BurstNodes = nodes,
        QuietFor = TimeSpan.FromSeconds(0.2),
        MeasuredFrom = TimeSpan.FromSeconds(size * nodes / everySeconds > 100 * 2 ? 8 : 1),
        Duration = TimeSpan.FromSeconds(30),
    });

    private static Outcome Run(RateLimitRule rule, double demand, double hotPart, double shiftSeconds) => SimulationRun.Run(new Scenario
    {
        Name = "no faults",
        Rule = rule,
        Demand = demand,
        HotPart = hotPart,
        ShiftEvery = TimeSpan.FromSeconds(shiftSeconds),

        // A bucket's burst is used up by then where more is asked for.
        MeasuredFrom = TimeSpan.FromSeconds(demand > rule.Limit / rule.Window.TotalSeconds ? 3 : 1),
        Duration = TimeSpan.FromSeconds(rule == Window ? 30 : 12),
    });
}

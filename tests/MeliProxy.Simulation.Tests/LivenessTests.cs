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

using System.Collections.Concurrent;
using System.Globalization;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation.Tests;

/// <summary>What no network, clock or fault may break.</summary>
public class SafetyTests
{
    private const double Rounding = 1e-9;

    /// <remarks>
    /// Everything that was admitted, of all nodes in the order of true time, conforms to the rule as one process would apply it: to one bucket
    /// (that refills by the fastest clock), to one count of each window, to one estimate of two windows. What a new owner cannot know it takes
    /// as used, and what a lost member held as spent, so this holds through any fault.
    /// </remarks>
    [Fact]
    public void Where_keys_wait_all_nodes_together_admit_no_more_than_one_would() => Check(
        300,
        PartitionBehavior.Closed,
        ColdStartBehavior.Wait,
        outcome => outcome.RuleRatio <= 1 + Rounding);

    [Fact]
    public void Where_keys_begin_with_an_allowance_no_more_is_admitted_than_is_promised() => Check(
        150,
        PartitionBehavior.Closed,
        ColdStartBehavior.Optimistic,
        outcome => outcome.Bound == 0 || Used(outcome) <= outcome.Bound + Rounding);

    /// <remarks>What nodes give out when cut off is part of what they promise then.</remarks>
    [Theory]
    [InlineData(PartitionBehavior.Share, ColdStartBehavior.Wait)]
    [InlineData(PartitionBehavior.Share, ColdStartBehavior.Optimistic)]
    [InlineData(PartitionBehavior.Local, ColdStartBehavior.Wait)]
    [InlineData(PartitionBehavior.Local, ColdStartBehavior.Optimistic)]
    public void Where_nodes_that_are_cut_off_admit_more_it_is_no_more_than_is_promised(PartitionBehavior behavior, ColdStartBehavior coldStart) =>
        Check(75, behavior, coldStart, outcome => outcome.Bound == 0 || Used(outcome) <= outcome.Bound + Rounding);

    [Fact]
    public void A_seed_gives_the_same_each_time()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            Scenario scenario = RandomScenario.For(seed, PartitionBehavior.Share, ColdStartBehavior.Optimistic);
            Assert.Equal(SimulationRun.Run(scenario), SimulationRun.Run(scenario));
        }
    }

    /// <summary>The most of one key in a window, as the rule counts.</summary>
    private static double Used(Outcome outcome) => outcome.Scenario.Rule.Algorithm == RateLimitAlgorithm.TokenBucket
        ? outcome.MostInWindow
        : outcome.RuleRatio * outcome.Scenario.Rule.Limit;

    /// <summary>More seeds for a longer search: SIMULATION_SEEDS=10 runs ten times as many.</summary>
    private static int Factor =>
        int.TryParse(Environment.GetEnvironmentVariable("SIMULATION_SEEDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int factor) ? factor : 1;

    private static void Check(int seeds, PartitionBehavior behavior, ColdStartBehavior coldStart, Predicate<Outcome> holds)
    {
        ConcurrentBag<string> broken = [];
        Parallel.For(0, seeds * Factor, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            Outcome outcome = SimulationRun.Run(RandomScenario.For(seed, behavior, coldStart));
            if (!holds(outcome))
            {
                broken.Add($"{RandomScenario.CommandFor(seed, behavior, coldStart)}{Environment.NewLine}{outcome.Describe()}");
            }
        });
        Assert.True(broken.IsEmpty, string.Join(Environment.NewLine, broken));
    }
}

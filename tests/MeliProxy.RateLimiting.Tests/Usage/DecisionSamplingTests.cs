using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Tests.Usage;

public class DecisionSamplingTests
{
    [Theory]
    [InlineData(DecisionSampling.Budget - 1)]
    [InlineData(1)]
    public void Every_decision_is_counted_as_long_as_they_are_few(int inEachPeriod)
    {
        DecisionSampling sampling = new(1);
        for (int i = 0; i < 100 * inEachPeriod; i++)
        {
            Assert.Equal(1, sampling.Next(i * DecisionSampling.Period / inEachPeriod));
        }
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(10_000)]
    [InlineData(200_000)]
    public void Of_many_about_the_budget_is_counted_and_the_sum_is_right(int inEachPeriod)
    {
        const int Periods = 100;
        DecisionSampling sampling = new(1);
        long sum = 0;
        int counted = 0;
        int most = 0;
        for (int i = 0; i < Periods * inEachPeriod; i++)
        {
            int weight = sampling.Next(i * (DecisionSampling.Period / inEachPeriod));
            sum += weight;
            counted += weight > 0 ? 1 : 0;
            most = Math.Max(most, weight);
        }

        Assert.InRange(counted, Periods * DecisionSampling.Budget / 4, (Periods + 20) * DecisionSampling.Budget);
        Assert.InRange(most, inEachPeriod / DecisionSampling.Budget / 2, inEachPeriod / DecisionSampling.Budget * 8);
        double deviation = Math.Sqrt((double)Periods * inEachPeriod * most);
        Assert.InRange(sum - (Periods * (double)inEachPeriod), -5 * deviation, 5 * deviation);
    }

    [Fact]
    public void A_pattern_of_keys_does_not_fall_in_with_what_is_counted()
    {
        const int Decisions = 2_000_000;
        const int Keys = 64;
        DecisionSampling sampling = new(7);
        double[] hits = new double[Keys];
        int most = 1;
        for (int i = 0; i < Decisions; i++)
        {
            int weight = sampling.Next(0);
            hits[i % Keys] += weight;
            most = Math.Max(most, weight);
        }

        double expected = Decisions / (double)Keys;
        Assert.All(hits, h => Assert.InRange(h, expected - (5 * Math.Sqrt(most * expected)), expected + (5 * Math.Sqrt(most * expected))));
    }

    [Fact]
    public void After_a_rush_every_decision_is_counted_soon_again()
    {
        DecisionSampling sampling = new(1);
        for (int i = 0; i < 1_000_000; i++)
        {
            sampling.Next(1);
        }

        Assert.Equal(1, sampling.Next(20 * DecisionSampling.Period));
    }
}

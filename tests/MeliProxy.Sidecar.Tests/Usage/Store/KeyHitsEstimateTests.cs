using MeliProxy.RateLimiting;
using MeliProxy.Sidecar.Usage.Store;

namespace MeliProxy.Sidecar.Tests.Usage.Store;

public sealed class KeyHitsEstimateTests
{
    private static readonly DateTimeOffset Start = StoreUnderTest.Start;

    [Fact]
    public void The_first_list_is_all_new()
    {
        KeyHits hits = Assert.Single(new KeyHitsEstimate(100).Next([new TopKey("r", ["a"], 7, 3, 2)], Start));

        Assert.Equal(new KeyHits("r", """["a"]""", 7, 3, 2), hits);
    }

    [Fact]
    public void A_key_that_rests_has_no_hits_though_its_count_is_rounded()
    {
        KeyHitsEstimate estimate = new(100);
        estimate.Next([new TopKey("r", ["a"], 1000, 0, 0)], Start);
        for (int i = 1; i < 200; i++)
        {
            long faded = (long)Math.Round(1000 * Math.Exp(-i / 60.0));
            Assert.Empty(estimate.Next(faded == 0 ? [] : [new TopKey("r", ["a"], faded, 0, 0)], Start.AddSeconds(10 * i)));
        }
    }

    [Fact]
    public void A_key_that_is_hit_slowly_is_counted_in_the_end()
    {
        KeyHitsEstimate estimate = new(100);
        double faded = 0;
        long told = 0;
        for (int i = 1; i <= 600; i++)
        {
            // One hit in twenty seconds.
            faded = (faded * Math.Exp(-1 / 60.0)) + (i % 2);
            told += estimate.Next([new TopKey("r", ["a"], (long)Math.Round(faded), 0, 0)], Start.AddSeconds(10 * i)).Sum(key => key.Hits);
        }

        Assert.InRange(told, 285, 315);
    }

    [Fact]
    public void What_is_another_keys_in_both_lists_does_not_make_the_difference_too_high()
    {
        KeyHitsEstimate estimate = new(100);
        estimate.Next([new TopKey("r", ["a"], 100, 0, 50)], Start);

        KeyHits hits = Assert.Single(estimate.Next([new TopKey("r", ["a"], 120, 0, 50)], Start));

        Assert.Equal((20, 0), (hits.Hits, hits.Error));
    }

    [Fact]
    public void A_key_that_was_not_told_may_have_had_what_the_least_of_a_full_list_had()
    {
        KeyHitsEstimate estimate = new(listLength: 2);
        estimate.Next([new TopKey("r", ["a"], 100, 0, 0), new TopKey("r", ["b"], 30, 0, 0)], Start);

        IReadOnlyList<KeyHits> hits = estimate.Next([new TopKey("r", ["a"], 100, 0, 0), new TopKey("r", ["c"], 40, 0, 0)], Start);

        Assert.Equal(new KeyHits("r", """["c"]""", 40, 0, 30), Assert.Single(hits));
    }

    [Fact]
    public void A_count_that_falls_is_a_new_beginning()
    {
        KeyHitsEstimate estimate = new(100);
        estimate.Next([new TopKey("r", ["a"], 100, 0, 0)], Start);

        Assert.Empty(estimate.Next([new TopKey("r", ["a"], 10, 0, 0)], Start));
        Assert.Equal(5, Assert.Single(estimate.Next([new TopKey("r", ["a"], 15, 0, 0)], Start)).Hits);
    }
}

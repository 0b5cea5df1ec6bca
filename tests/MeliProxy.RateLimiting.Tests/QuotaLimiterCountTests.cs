using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterCountTests
{
    private const int Threads = 4;
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Counts_are_exact_whatever_several_threads_decide_at_once()
    {
        QuotaLimiterOptions<Call> options = Call.Options(
            _time,
            Call.Hour("wide", 1_000_000),
            Call.Bucket("tight", 700),
            Call.Hour("shadow", 300) with { Mode = RuleMode.Shadow },
            Call.Hour("elsewhere", 1) with { Match = new RuleMatch { Path = "/elsewhere" } },
            Call.Hour("fails", 1) with { Key = ["fails"] });
        options.KeySources.Add("fails", _ => throw new FormatException());
        QuotaLimiter<Call> limiter = new(options);
        Call call = new("a");
        Together.Run(
            Threads,
            _ =>
            {
                for (int i = 0; i < 1_000; i++)
                {
                    limiter.Decide(call);
                }
            });

        // The shadow rule had room for each request that it was asked for before its last permit was taken, also for one whose thread was
        // held up then until the tight rule rejected it.
        IReadOnlyList<RuleCounts> counts = limiter.GetRuleCounts();
        Assert.InRange(counts[2].ShadowLimited, 3_700 - (Threads - 1), 3_700);
        Assert.Equal(
            [
                new RuleCounts(limiter.Rules[0], 700, 0, 0, 0, 0, 0),
                new RuleCounts(limiter.Rules[1], 700, 3_300, 0, 0, 0, 0),
                new RuleCounts(limiter.Rules[2], 300, 0, counts[2].ShadowLimited, 0, 0, 0),
                new RuleCounts(limiter.Rules[3], 0, 0, 0, 0, 0, 0),
                new RuleCounts(limiter.Rules[4], 0, 0, 0, 0, 4_000, 0),
            ],
            counts);
        var statistics = limiter.GetStatistics(call)!;
        Assert.Equal((700, 3_300), (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
    }

    [Fact]
    public void Counts_belong_to_the_name_of_a_rule_and_outlast_its_absence()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 3));
        Call call = new("a");
        Decide(5);
        limiter.Update(new RuleSet([Call.Bucket("new", 1_000), Call.Bucket("r", 1)]));
        Decide(1);
        limiter.Update(RuleSet.Empty);
        Assert.Empty(limiter.GetRuleCounts());
        Decide(100);
        limiter.Update(new RuleSet([Call.Hour("r", 3)]));
        RuleCounts counts = Assert.Single(limiter.GetRuleCounts());
        Assert.Equal((4, 2), (counts.Allowed, counts.Limited));
        Assert.Equal(104, limiter.GetStatistics(call)!.TotalSuccessfulLeases);

        void Decide(int times)
        {
            for (int i = 0; i < times; i++)
            {
                limiter.Decide(call);
            }
        }
    }

    [Fact]
    public void Counts_of_many_rules_added_while_threads_count_are_exact()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time);
        Call call = new("a");
        int[] expected = new int[200];
        Together.Run(
            Threads,
            thread =>
            {
                for (int i = 0; i < expected.Length; i++)
                {
                    if (thread == 0)
                    {
                        limiter.Update(new RuleSet([.. Enumerable.Range(0, i + 1).Select(n => Call.Hour($"r{n}", 1_000_000))]));
                    }

                    limiter.Decide(call);
                }
            });
        long before = limiter.GetRuleCounts().Sum(c => c.Allowed);
        limiter.Decide(call);
        Assert.Equal(before + expected.Length, limiter.GetRuleCounts().Sum(c => c.Allowed));
        Assert.Equal((Threads * expected.Length) + 1, limiter.GetStatistics(call)!.TotalSuccessfulLeases);

        // Each rule was counted as often as its key was used.
        Assert.Equal(limiter.Explain(call).Select(e => 1_000_000 - e.Remaining), limiter.GetRuleCounts().Select(c => c.Allowed));
    }

    [Fact]
    public void Counts_of_threads_that_have_ended_stay_and_their_cells_are_used_again()
    {
        OutcomeCounts counts = new();
        int row = counts.RowOf("r");
        for (int round = 1; round <= 30; round++)
        {
            Together.Run(Threads, _ => counts.Add(row, RuleOutcome.Limited));
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.Equal(Threads * round, counts.Sum(row, RuleOutcome.Limited));
        }

        counts.Add(row, RuleOutcome.Limited);
        Assert.Equal((Threads * 30) + 1, counts.Sum(row, RuleOutcome.Limited));
        Assert.Equal(0, counts.Sum(row, RuleOutcome.Allowed));
    }

    [Fact]
    public void A_thread_that_counts_for_several_limiters_in_turn_counts_for_each()
    {
        QuotaLimiter<Call>[] limiters = [.. Enumerable.Range(0, 5).Select(_ => Call.Limiter(_time, Call.Hour("r", 1_000_000)))];
        Call call = new("a");
        Together.Run(
            Threads,
            thread =>
            {
                for (int i = 0; i < 5_000; i++)
                {
                    limiters[(i + thread) % limiters.Length].Decide(call);
                }
            });
        Assert.All(limiters, limiter => Assert.Equal(Threads * 1_000, limiter.GetRuleCounts()[0].Allowed));
    }
}

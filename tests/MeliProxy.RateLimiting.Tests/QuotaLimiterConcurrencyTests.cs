using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;
using MeliProxy.RateLimiting.Tests.Algorithms;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

public class QuotaLimiterConcurrencyTests
{
    private const int Threads = 4;
    private static readonly Call A = new("a");
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public void Threads_together_are_given_exactly_the_limit(RateLimitAlgorithm algorithm)
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.By(algorithm, "r", 1_000));
        for (int round = 0; round < 40; round++)
        {
            Call call = new($"{round}");
            Assert.Equal(1_000, CountAllowed(500, _ => limiter.Decide(call).IsAllowed));
        }
    }

    [Fact]
    public void The_first_permit_of_a_new_key_is_given_once()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 1));
        for (int round = 0; round < 500; round++)
        {
            Call call = new($"{round}");
            Assert.Equal(1, CountAllowed(1, _ => limiter.Decide(call).IsAllowed));
        }
    }

    [Fact]
    public void While_the_clock_moves_never_more_than_the_burst_and_the_rate_is_given()
    {
        RateLimitRule rule = new() { Name = "r", Key = ["ip"], Limit = 1_000, Window = TimeSpan.FromSeconds(1), Burst = 10 };
        QuotaLimiter<Call> limiter = Call.Limiter(_time, rule);
        DateTimeOffset start = _time.GetUtcNow();
        int allowed = CountAllowed(
            20_000,
            thread =>
            {
                if (thread == 0)
                {
                    _time.Advance(TimeSpan.FromMicroseconds(10));
                }

                return limiter.Decide(A).IsAllowed;
            });
        Assert.InRange(allowed, 10, 10 + (_time.GetUtcNow() - start).TotalMilliseconds);
    }

    [Fact]
    public void What_several_rules_take_and_give_back_at_once_adds_up()
    {
        for (int round = 0; round < 20; round++)
        {
            QuotaLimiter<Call> limiter = Call.Limiter(
                _time,
                Call.Bucket("ample", 10_000),
                Call.Hour("per-path", 150) with { Key = ["path"] },
                Call.Hour("window", 700),
                Call.Bucket("tight", 500));
            Call[] calls = [.. Enumerable.Range(0, Threads).Select(i => new Call("a", $"/{i}"))];
            int allowed = CountAllowed(1_000, thread => limiter.Decide(calls[thread]).IsAllowed);

            // One that found another's permits taken for a moment is rejected, though they are given back. Those are still there.
            while (Array.Exists(calls, call => limiter.Decide(call).IsAllowed))
            {
                allowed++;
            }

            Assert.Equal(500, allowed);
            Assert.Equal([10_000 - 500, 200, 0], limiter.Explain(calls[0]).Where(e => e.Rule.Name != "per-path").Select(e => e.Remaining));
            Assert.Equal(600 - 500, calls.Sum(call => limiter.Explain(call)[1].Remaining));
        }
    }

    [Fact]
    public void In_a_tiny_table_full_of_passing_keys_a_key_in_use_still_gets_exactly_its_limit()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("spray", 1) with { Key = ["path"] }, Call.Hour("r", 1_000));
        options.MaxKeys = 16;
        QuotaLimiter<Call> limiter = new(options);
        Assert.True(limiter.Decide(A).IsAllowed);
        Call[][] calls = [.. Enumerable.Range(0, Threads).Select(t => Enumerable.Range(0, 3_000).Select(i => new Call("a", $"/{t}/{i}")).ToArray())];
        int[] next = new int[Threads * 64];
        Assert.Equal(999, CountAllowed(3_000, thread => limiter.Decide(calls[thread][next[thread * 64]++]).IsAllowed));
        Assert.Equal(16, limiter.KeyCount);
        Assert.True(limiter.RefusedKeys > 0);
    }

    [Fact]
    public void Under_rules_of_all_algorithms_threads_are_given_exactly_the_tightest_limit()
    {
        RateLimitAlgorithm[] algorithms = Enum.GetValues<RateLimitAlgorithm>();
        foreach (RateLimitAlgorithm tightest in algorithms)
        {
            QuotaLimiter<Call> limiter = Call.Limiter(_time, [.. algorithms.Select(a => Call.By(a, $"{a}", a == tightest ? 500 : 501 + (int)a))]);
            for (int round = 0; round < 10; round++)
            {
                Call call = new($"{round}");
                int allowed = CountAllowed(300, _ => limiter.Decide(call).IsAllowed);

                // One that found another's permits taken for a moment is rejected, though they are given back. Those are still there.
                Assert.InRange(allowed, 1, 500);
                while (limiter.Decide(call).IsAllowed)
                {
                    allowed++;
                }

                Assert.Equal(500, allowed);
                Assert.Equal(algorithms.Select(a => a == tightest ? 0L : 1 + (int)a), limiter.Explain(call).Select(e => e.Remaining));
            }
        }
    }

    /// <summary>Threads take all they can while the clock passes the ends of windows; what was admitted when is then held against the estimate.</summary>
    [Fact]
    public void While_windows_change_under_threads_no_aligned_window_and_no_estimate_is_above_the_limit()
    {
        const int Limit = 200;
        const long Window = 1_000;
        RateLimitRule rule = new()
        {
            Name = "r", Key = ["ip"], Limit = Limit, Window = TimeSpan.FromMilliseconds(Window), Algorithm = RateLimitAlgorithm.SlidingWindow,
        };
        for (int round = 0; round < 15; round++)
        {
            QuotaLimiter<Call> limiter = Call.Limiter(_time, rule);
            int[] admitted = new int[60];
            int step = 0;
            using Barrier barrier = new(
                Threads,
                _ =>
                {
                    step++;
                    _time.Advance(TimeSpan.FromMilliseconds(Window / 10));
                });
            long start = _time.GetUtcNow().ToUnixTimeMilliseconds();
            Together.Run(
                Threads,
                _ =>
                {
                    while (step < admitted.Length)
                    {
                        int now = step;
                        for (int i = 0; i < 80; i++)
                        {
                            if (limiter.Decide(A).IsAllowed)
                            {
                                Interlocked.Increment(ref admitted[now]);
                            }
                        }

                        barrier.SignalAndWait(TestContext.Current.CancellationToken);
                    }
                });

            SlidingWindowModel model = new(rule, int.MaxValue);
            for (int i = 0; i < admitted.Length; i++)
            {
                // All threads together take what one alone could, neither more nor less.
                long now = start + (i * Window / 10);
                Assert.Equal(model.Remaining(now), admitted[i]);
                model.Charge(admitted[i], now);
            }
        }
    }

    [Fact]
    public void Threads_with_clocks_of_their_own_never_pass_the_limit_of_an_aligned_window()
    {
        // At the level of the table: each thread's moment is a little off, so windows are frozen and replaced all the time.
        SlidingWindowLimit limit = new(Call.By(RateLimitAlgorithm.SlidingWindow, "r", 50) with { Window = TimeSpan.FromMilliseconds(10) });
        KeyHash key = new KeyHash(0x1234_5600, 0).With(limit.Kind);
        QuotaTable table = new(1);
        long clock = 100_000;
        int[] admitted = new int[60_000];
        Together.Run(
            Threads,
            thread =>
            {
                for (int i = 0; i < 40_000; i++)
                {
                    long wall = thread == 0 && i % 8 == 0 ? Interlocked.Increment(ref clock) : Interlocked.Read(ref clock) + ((i + thread) % 4) - 1;
                    QuotaInstant now = new(1L << 41, wall, 0);
                    int slot = table.FindOrAdd(key, limit.Fresh(key, now), now);
                    while (table.TryRead(slot, key, out KeyState state) && limit.TryTake(state, 1, now, out long word))
                    {
                        if (table.TrySet(slot, state, word, limit.Kind))
                        {
                            // A window is known by its end, which is told by the state that was set.
                            long end = WindowLayout.Of(limit.Kind).EndMilliseconds(word);
                            Interlocked.Increment(ref admitted[(end - 100_000) / 10]);
                            break;
                        }
                    }
                }
            });
        Assert.True(admitted.Sum() > 10_000);
        Assert.All(admitted, count => Assert.InRange(count, 0, 50));
    }

    [Fact]
    public void Rules_are_replaced_as_a_whole()
    {
        // Under either set one rule blocks; under a mixture none would.
        RuleSet first = new([Call.Bucket("a", 0), Call.Bucket("b", 1_000)]);
        RuleSet second = new([Call.Bucket("a", 1_000), Call.Bucket("b", 0)]);
        QuotaLimiter<Call> limiter = Call.Limiter(_time, [.. first]);
        Assert.Equal(
            0,
            CountAllowed(
                20_000,
                thread =>
                {
                    if (thread == 0)
                    {
                        limiter.Update(ReferenceEquals(limiter.Rules, first) ? second : first);
                    }

                    return limiter.Decide(A).IsAllowed;
                }));
    }

    [Fact]
    public void Statistics_count_every_decision_once()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Bucket("r", 1_000));
        CountAllowed(1_000, _ => limiter.Decide(A).IsAllowed);
        var statistics = limiter.GetStatistics(A)!;
        Assert.Equal((1_000, 3_000), (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
    }

    private static int CountAllowed(int times, Func<int, bool> decide)
    {
        int allowed = 0;
        Together.Run(
            Threads,
            thread =>
            {
                int mine = 0;
                for (int i = 0; i < times; i++)
                {
                    mine += decide(thread) ? 1 : 0;
                }

                Interlocked.Add(ref allowed, mine);
            });
        return allowed;
    }
}

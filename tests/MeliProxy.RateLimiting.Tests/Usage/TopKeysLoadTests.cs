using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Usage;

/// <summary>What is told under floods, at rates at which decisions are sampled, and by several threads.</summary>
public class TopKeysLoadTests
{
    private const int Threads = 4;

    /// <summary>Of the threads' decisions, at most one of so many is counted.</summary>
    private const int MostWeight = 1_024;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_spray_of_a_million_new_keys_neither_hides_a_heavy_key_nor_takes_memory()
    {
        const int Heavy = -1;
        QuotaLimiterOptions<int> options = new() { Rules = [Call.Hour("r", 1_000) with { Key = ["number"] }], TimeProvider = _time, MaxKeys = 10_000 };
        options.KeySources.Add("number", new NumberSource());
        QuotaLimiter<int> limiter = new(options);
        double exact = 0;
        double all = 0;
        long allocated = 0;
        for (int i = 0; i < 1_000_000; i++)
        {
            // Slow enough for each decision to be counted.
            _time.Advance(TimeSpan.FromMicroseconds(100));
            double fading = Math.Exp(-100e-6 / 600);
            exact *= fading;
            all *= fading;
            limiter.Decide(i);
            all++;
            if (i % 80 == 0)
            {
                limiter.Decide(Heavy);
                exact++;
                all++;
            }

            if (i == 10_000)
            {
                allocated = GC.GetAllocatedBytesForCurrentThread();
            }
        }

        // The clock is read anew once a second.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 1_000_000);
        IReadOnlyList<TopKey> keys = limiter.GetTopKeys("r");
        Assert.Equal(100, keys.Count);
        Assert.Equal([$"{Heavy}"], keys[0].Key);

        // Hits fade in steps of ten seconds.
        Assert.InRange(exact, (keys[0].Hits - keys[0].Error) * 0.98, (keys[0].Hits * 1.02) + 1);
        Assert.All(keys, key => Assert.InRange(key.Error, 0, (all / HeavyHitters.CountersFor(100) * 1.02) + 1));
        Assert.All(keys.Skip(1), key => Assert.True(key.Hits <= key.Error + 1));
    }

    [Fact]
    public void Sampled_decisions_tell_heavy_keys_within_their_deviation()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 1_000_000), Call.Hour("s", 100) with { Mode = RuleMode.Shadow });
        Random random = new(1);
        int[] exact = new int[10];
        Call[] calls = [.. Enumerable.Range(0, exact.Length).Select(i => new Call($"{i}"))];
        for (int i = 0; i < 1_000_000; i++)
        {
            // The first half of the keys have 1/2, 1/4, 1/8 and so on, the others the rest.
            int key = Math.Min(System.Numerics.BitOperations.TrailingZeroCount(random.Next() | 32), 5);
            key = key == 5 ? random.Next(5, 10) : key;
            exact[key]++;
            limiter.Decide(calls[key]);
        }

        foreach (TopKey key in limiter.GetTopKeys())
        {
            int hits = exact[int.Parse(key.Key[0], System.Globalization.CultureInfo.InvariantCulture)];
            double deviation = Math.Sqrt((double)MostWeight * hits);
            Assert.InRange(key.Hits, hits - (5 * deviation), hits + (5 * deviation));
            Assert.InRange(key.Limited, key.Rule == "s" ? hits - 100 - (5 * deviation) : 0, key.Rule == "s" ? key.Hits : 0);
            Assert.Equal(0, key.Error);
        }
    }

    [Fact]
    public void Several_threads_together_tell_the_right_sums()
    {
        const int Decisions = 200_000;
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 100_000), Call.Hour("s", 1) with { Mode = RuleMode.Shadow });
        Call[] calls = [.. Enumerable.Range(0, Threads).Select(i => new Call($"{i}"))];
        Together.Run(
            Threads,
            thread =>
            {
                for (int i = 0; i < Decisions; i++)
                {
                    limiter.Decide(calls[i % 2 == 0 ? thread : 0]);
                    if (i % 50_000 == 0)
                    {
                        limiter.GetTopKeys();
                    }
                }
            });
        IReadOnlyList<TopKey> keys = limiter.GetTopKeys("r");
        RuleCounts counts = limiter.GetRuleCounts()[0];
        long error = keys.Sum(k => k.Error);
        double deviation = 5 * Math.Sqrt((double)MostWeight * Threads * Decisions);
        Assert.InRange(keys.Sum(k => k.Hits) - (counts.Allowed + counts.Limited), -deviation, deviation);
        Assert.InRange(keys.Sum(k => k.Limited) - counts.Limited, -deviation - error, deviation + error);
        Assert.Equal(["0"], keys[0].Key);
        Assert.Equal(Threads, keys.Count);
    }

    [Fact]
    public void What_threads_lay_aside_is_missing_in_no_sum_for_long_and_counts_as_possible_error()
    {
        const int Samples = 100_000;
        HeavyHitters usage = new("r", 1, 100, 0);
        KeyHash[] keys = [.. Enumerable.Range(0, Threads + 1).Select(i => new KeyHash((ulong)i << 8, 1))];
        UsageSample sample = new(1, IsRejection: false, 0);
        Together.Run(
            Threads,
            thread =>
            {
                for (int i = 0; i < Samples; i++)
                {
                    Add(thread);
                }
            });
        int last = 0;
        long before = 0;
        for (long sum = 0; sum != before + 1 || last == 0; last++)
        {
            before = sum;
            Add(Threads);
            sum = usage.Read(int.MaxValue, 0).Sum(k => k.Hits);
            Assert.InRange(last, 0, Threads * Samples);
        }

        IReadOnlyList<TopKey> told = usage.Read(int.MaxValue, 0);
        Assert.Equal((Threads * Samples) + last, told.Sum(k => k.Hits));
        foreach (TopKey key in told)
        {
            int exact = key.Key[0] == $"{Threads}" ? last : Samples;
            Assert.InRange(exact, key.Hits - key.Error, long.MaxValue);
        }

        void Add(int key)
        {
            if (!usage.TryAdd(keys[key], sample, isLimited: false, identity: 0))
            {
                usage.Add(keys[key], $"{key}\u0001", sample, isLimited: false, identity: 0);
            }
        }
    }

    [Fact]
    public void Rules_that_change_while_threads_decide_lose_no_key()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 100));
        Call[] calls = [.. Enumerable.Range(0, 50).Select(i => new Call($"{i}"))];
        Together.Run(
            Threads,
            thread =>
            {
                for (int i = 0; i < 20_000; i++)
                {
                    if (thread == 0 && i % 200 == 0)
                    {
                        limiter.Update(new RuleSet([i % 400 == 0 ? Call.Bucket("r", 100) : Call.Hour("r", 100)]));
                    }

                    limiter.Decide(calls[i % calls.Length]);
                }
            });
        IReadOnlyList<TopKey> keys = limiter.GetTopKeys();
        Assert.Equal(keys.Count, keys.Select(k => k.Key[0]).Distinct().Count());
        Assert.Equal(calls.Length, keys.Count);
    }

    private sealed class NumberSource : IPartitionKeySource<int>
    {
        public bool TryWrite(int resource, ref PartitionKeyWriter writer)
        {
            writer.Append(resource);
            return true;
        }
    }
}

using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

public class SnapshotConcurrencyTests
{
    private const int Threads = 3;
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void While_decisions_go_on_each_key_is_written_as_it_stood_at_one_moment()
    {
        const int Keys = 50;
        RateLimitRule[] rules =
        [
            Call.Hour("fixed", 1_000_000),
            Call.Hour("sliding", 1_000_000) with { Algorithm = RateLimitAlgorithm.SlidingWindow },
            Call.Bucket("bucket", 1_000_000),
        ];
        QuotaLimiter<Call> limiter = Call.Limiter(_time, rules);
        Call[] calls = [.. Enumerable.Range(0, Keys).Select(i => new Call($"{i}"))];
        int running = Threads - 1;
        int snapshots = 0;
        Together.Run(Threads, thread =>
        {
            if (thread > 0)
            {
                for (int i = 0; i < 200_000; i++)
                {
                    limiter.Decide(calls[(i * thread) % Keys]);
                }

                Interlocked.Decrement(ref running);
                return;
            }

            do
            {
                long[] before = Remaining(limiter, calls);
                byte[] snapshot = limiter.Snapshot();
                long[] after = Remaining(limiter, calls);
                QuotaLimiter<Call> restored = Call.Limiter(_time, rules);
                restored.Restore(snapshot);
                Assert.All(Remaining(restored, calls), (remaining, i) => Assert.InRange(remaining, after[i], before[i]));
                snapshots++;
            }
            while (Volatile.Read(ref running) > 0);
        });

        Assert.True(snapshots > 1);
    }

    /// <summary>Each key's state tells which key it is; threads move their clocks on, so that slots change hands all the time.</summary>
    [Fact]
    public void While_slots_change_hands_no_key_is_read_with_the_state_of_another()
    {
        const long Start = 1L << 41;
        QuotaTable table = new(48);
        int running = Threads - 1;
        long read = 0;
        Together.Run(Threads, thread =>
        {
            if (thread > 0)
            {
                for (int i = 0; i < 600_000; i++)
                {
                    int number = (i * (Threads - 1)) + thread;
                    QuotaInstant now = new(Start + number, 1, 0);
                    table.FindOrAdd(Key(number), new KeyState(now.Units, 0), now);
                }

                Interlocked.Decrement(ref running);
                return;
            }

            do
            {
                for (int i = 0; i < table.Slots; i++)
                {
                    if (table.TryReadAny(i, out KeyHash hash, out KeyState state))
                    {
                        Assert.Equal(Key((int)(state.Word - Start)), hash);
                        read++;
                    }
                }
            }
            while (Volatile.Read(ref running) > 0);
        });

        Assert.True(read > 0 && table.Evicted > 0);
    }

    [Fact]
    public void Both_windows_of_a_sliding_one_are_read_as_they_stood_at_one_moment()
    {
        const SlotKind Kind = SlotKind.SlidingWindowOfSeconds;
        WindowLayout layout = WindowLayout.Of(Kind);
        KeyHash hash = Key(1).With(Kind);
        QuotaTable table = new(1);
        long Window(long number) => layout.Pack(1_000 * number, number % 1_000);
        int slot = table.FindOrAdd(hash, new KeyState(Window(2), Window(1)), new QuotaInstant(3, 1, 0));
        int running = 1;
        Together.Run(2, thread =>
        {
            if (thread > 0)
            {
                for (long number = 3; number < 1_000_000; number++)
                {
                    Assert.True(table.TryRead(slot, hash, out KeyState state) && table.TrySet(slot, state, Window(number), Kind));
                }

                Volatile.Write(ref running, 0);
                return;
            }

            do
            {
                if (table.TryReadAny(slot, out _, out KeyState state) && !state.IsFrozen)
                {
                    Assert.Equal(Window((layout.EndMilliseconds(state.Word) / 1_000) - 1), state.Previous);
                }
            }
            while (Volatile.Read(ref running) > 0);
        });
    }

    [Fact]
    public void No_count_is_lost_while_windows_before_are_restored_to_a_key()
    {
        const SlotKind Kind = SlotKind.SlidingWindowOfSeconds;
        const int Each = 20_000;
        WindowLayout layout = WindowLayout.Of(Kind);
        KeyHash hash = Key(1).With(Kind);
        QuotaInstant now = new(1, 1_500, 0);
        KeyState fresh = new(layout.Pack(3_000, 0), layout.Pack(2_000, 0));
        for (int round = 0; round < 10; round++)
        {
            QuotaTable table = new(1);
            Together.Run(Threads, thread =>
            {
                if (thread == 0)
                {
                    for (int previous = 1; previous <= Each; previous++)
                    {
                        Assert.True(table.TryRestore(hash, new KeyState(layout.Pack(3_000, 1), layout.Pack(2_000, previous)), now));
                    }

                    return;
                }

                for (int i = 0; i < Each; i++)
                {
                    int slot = table.FindOrAdd(hash, fresh, now);
                    while (!table.TryRead(slot, hash, out KeyState state) || !table.TrySet(slot, state, layout.Add(state.Word, 1), Kind))
                    {
                    }
                }
            });

            Assert.True(table.Find(hash, out KeyState after) >= 0);
            Assert.Equal(layout.Pack(2_000, Each), after.Previous);

            // One more if the restored count of one was there first.
            Assert.InRange(layout.Count(after.Word), (Threads - 1) * Each, ((Threads - 1) * Each) + 1);
            Assert.Equal((1, 0), (table.Keys, table.Refused));
        }
    }

    private static long[] Remaining(QuotaLimiter<Call> limiter, Call[] calls) =>
        [.. calls.SelectMany(call => limiter.Explain(call)).Select(e => e.Remaining)];

    private static KeyHash Key(int number) => new KeyHasher(1, 2).Hash([(char)number, (char)(number >> 16)]).With(SlotKind.TokenBucket);
}

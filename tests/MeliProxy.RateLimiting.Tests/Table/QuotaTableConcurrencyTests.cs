using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Tests.Table;

public class QuotaTableConcurrencyTests
{
    private const long Now = 1L << 41;
    private const int Threads = 4;

    [Fact]
    public void Threads_that_add_the_same_keys_at_once_all_get_the_same_slots()
    {
        for (int round = 0; round < 200; round++)
        {
            QuotaTable table = new(64);
            int[][] slots = new int[Threads][];
            Together.Run(Threads, thread =>
            {
                int[] mine = new int[64];
                for (int i = 0; i < mine.Length; i++)
                {
                    mine[i] = table.FindOrAdd(Key(i), new KeyState(Now + 1, 0), At(Now));
                }

                slots[thread] = mine;
            });

            Assert.Equal(64, table.Keys);
            Assert.Equal(64, slots[0].Distinct().Count());
            Assert.DoesNotContain(-1, slots[0]);
            Assert.All(slots, other => Assert.Equal(slots[0], other));
        }
    }

    [Fact]
    public void Threads_that_race_for_the_last_places_never_pass_the_cap()
    {
        for (int round = 0; round < 60; round++)
        {
            QuotaTable table = new(32);
            int added = 0;
            Together.Run(Threads, thread =>
            {
                for (int i = 0; i < 32; i++)
                {
                    int slot = table.FindOrAdd(Key((thread * 1_000) + i), new KeyState(Now + 1, 0), At(Now));
                    Interlocked.Add(ref added, slot >= 0 ? 1 : 0);
                    Assert.InRange(table.Keys, 0, 32);
                }
            });

            Assert.Equal((32, 32), (table.Keys, added));
            Assert.Equal((Threads * 32) - 32, table.Refused);
        }
    }

    /// <summary>
    /// Each thread moves a clock of its own forward and adds keys that are idle a moment later, so that slots change hands all the time.
    /// </summary>
    [Fact]
    public void While_slots_change_hands_each_key_in_use_keeps_its_slot_and_its_count()
    {
        const int Kept = 16;
        const int Rounds = 30_000;
        QuotaTable table = new(48);
        int[] slots = new int[Kept];
        long start = long.MaxValue / 2;
        for (int i = 0; i < Kept; i++)
        {
            slots[i] = table.FindOrAdd(Key(-1 - i), new KeyState(start, 0), At(Now));
        }

        Together.Run(Threads, thread =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                QuotaInstant now = At(Now + i);
                table.FindOrAdd(Key(1 + (i % 200)), new KeyState(now.Units, 0), now);
                int kept = i % Kept;
                bool found = table.Find(Key(-1 - kept), out KeyState state) == slots[kept];
                while (found && !table.TrySet(slots[kept], state, state.Word + 1, SlotKind.TokenBucket))
                {
                    found = table.TryRead(slots[kept], Key(-1 - kept), out state);
                }
            }
        });

        Assert.InRange(table.Keys, Kept, 48);
        Assert.True(table.Evicted > 0);
        KeyState[] states = new KeyState[Kept];
        Assert.Equal(slots, Enumerable.Range(0, Kept).Select(i => table.Find(Key(-1 - i), out states[i])));
        Assert.Equal((long)Threads * Rounds, states.Sum(state => state.Word - start));
    }

    [Fact]
    public void The_count_of_keys_stays_true_while_keys_come_and_go()
    {
        QuotaTable table = new(20);
        Together.Run(Threads, thread =>
        {
            for (int i = 0; i < 30_000; i++)
            {
                QuotaInstant now = At(Now + i);
                table.FindOrAdd(Key((i * 7919) + thread), new KeyState(now.Units, 0), now);
            }
        });

        // All are idle by now, so a last sweep over them lets exactly as many keys in use take their places.
        QuotaInstant later = At(Now + 1_000_000);
        int added = Enumerable.Range(0, 100).Count(i => table.FindOrAdd(Key(-1 - i), new KeyState(later.Units + 1, 0), later) >= 0);
        Assert.Equal((20, 20), (table.Keys, added));
    }

    private static KeyHash Key(int number) =>
        new KeyHasher(1, 2).Hash([(char)number, (char)(number >> 16)]).With(SlotKind.TokenBucket);

    private static QuotaInstant At(long units) => new(units, 1, 0);
}

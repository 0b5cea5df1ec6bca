using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Tests.Table;

public class QuotaTableTests
{
    private const long Now = 1L << 41;
    private const long InUse = Now + 1_000;

    [Fact]
    public void A_key_added_is_found_with_its_state_and_another_is_not()
    {
        QuotaTable table = new(10);
        int slot = Add(table, 1, InUse);
        Assert.Equal(slot, table.Find(Key(1), out KeyState found));
        Assert.Equal(InUse, found.Word);
        Assert.True(table.TryRead(slot, Key(1), out KeyState read));
        Assert.Equal(found, read);
        Assert.False(table.TryRead(slot, Key(2), out _));
        Assert.Equal(-1, table.Find(Key(2), out _));
        Assert.Equal(1, table.Keys);
    }

    [Fact]
    public void Adding_a_key_again_finds_it_and_keeps_its_state()
    {
        QuotaTable table = new(10);
        int slot = Add(table, 1, InUse);
        Assert.Equal(slot, Add(table, 1, InUse + 5));
        Assert.Equal(InUse, State(table, Key(1)));
        Assert.Equal(1, table.Keys);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void As_many_keys_as_the_cap_find_room_and_no_more(int cap)
    {
        QuotaTable table = new(cap);
        for (int i = 0; i < cap; i++)
        {
            Assert.NotEqual(-1, Add(table, i, InUse));
        }

        for (int i = cap; i < cap + 100; i++)
        {
            Assert.Equal(-1, Add(table, i, InUse));
        }

        Assert.Equal(cap, table.Keys);
        Assert.Equal(100, table.Refused);
        Assert.Equal(0, table.Evicted);
        Assert.All(Enumerable.Range(0, cap), i => Assert.NotEqual(-1, table.Find(Key(i), out _)));
    }

    [Fact]
    public void At_the_cap_idle_keys_make_room_and_are_counted()
    {
        QuotaTable table = new(100);
        for (int i = 0; i < 100; i++)
        {
            Add(table, i, i % 2 == 0 ? InUse : Now - 1);
        }

        for (int i = 100; i < 150; i++)
        {
            Assert.NotEqual(-1, Add(table, i, InUse));
        }

        Assert.Equal(-1, Add(table, 150, InUse));
        Assert.Equal((100, 50, 1), (table.Keys, table.Evicted, table.Refused));
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(i % 2 == 0, table.Find(Key(i), out _) >= 0);
        }
    }

    [Fact]
    public void Ten_times_the_cap_of_new_keys_does_not_move_a_key_in_use()
    {
        QuotaTable table = new(1_000);
        int slot = Add(table, -1, InUse);
        for (int i = 0; i < 10_000; i++)
        {
            Add(table, i, Now - 1);
        }

        Assert.Equal(slot, table.Find(Key(-1), out KeyState state));
        Assert.Equal(InUse, state.Word);
        Assert.InRange(table.Keys, 1, 1_000);
        Assert.Equal(0, table.Refused);
    }

    [Fact]
    public void A_key_new_at_this_moment_is_not_evicted_at_this_moment()
    {
        QuotaTable table = new(1);
        Assert.NotEqual(-1, Add(table, 1, Now));
        Assert.Equal(-1, Add(table, 2, Now));
        Assert.NotEqual(-1, table.FindOrAdd(Key(2), new KeyState(Now + 1, 0), new QuotaInstant(Now + 1, 1, 0)));
        Assert.Equal(-1, table.Find(Key(1), out _));
    }

    [Theory]
    [InlineData((int)SlotKind.WindowOfMilliseconds, 1)]
    [InlineData((int)SlotKind.WindowOfSeconds, 1_000)]
    [InlineData((int)SlotKind.WindowOfMinutes, 60_000)]
    [InlineData((int)SlotKind.WindowOfHours, 3_600_000)]
    public void A_window_makes_room_when_it_has_ended(int kind, long end)
    {
        QuotaTable table = new(1);
        long state = WindowLayout.Of((SlotKind)kind).Pack(end, 3);
        Assert.NotEqual(-1, table.FindOrAdd(Key(1).With((SlotKind)kind), new KeyState(state, 0), new QuotaInstant(Now, end - 1, 0)));
        Assert.Equal(-1, table.FindOrAdd(Key(2).With((SlotKind)kind), new KeyState(state, 0), new QuotaInstant(Now, end - 1, 0)));
        Assert.NotEqual(-1, table.FindOrAdd(Key(2).With((SlotKind)kind), new KeyState(state, 0), new QuotaInstant(Now, end, 0)));
        Assert.Equal(-1, table.Find(Key(1), out _));
    }

    [Fact]
    public void A_place_taken_over_by_a_key_of_another_kind_is_read_as_that_kind()
    {
        QuotaTable table = new(1);
        Add(table, 1, Now - 1);
        WindowLayout layout = WindowLayout.Of(SlotKind.WindowOfHours);
        Assert.NotEqual(-1, table.FindOrAdd(Key(2).With(SlotKind.WindowOfHours), new KeyState(layout.Pack(7_200_000, 0), 0), new QuotaInstant(Now, 1, 0)));
        Assert.Equal(-1, table.FindOrAdd(Key(3), new KeyState(InUse, 0), new QuotaInstant(long.MaxValue, 7_199_999, 0)));
        Assert.NotEqual(-1, table.FindOrAdd(Key(3), new KeyState(InUse, 0), new QuotaInstant(Now, 7_200_000, 0)));
    }

    [Fact]
    public void Keys_with_the_same_home_are_kept_apart()
    {
        // The upper half of a hash tells the home; these differ in the lower half only, above the byte of the kind.
        QuotaTable table = new(60);
        for (uint i = 0; i < 60; i++)
        {
            Assert.NotEqual(-1, table.FindOrAdd(SameHome(i), new KeyState(InUse + i, 0), At(Now)));
        }

        for (uint i = 0; i < 60; i++)
        {
            Assert.Equal(InUse + i, State(table, SameHome(i)));
        }
    }

    [Fact]
    public void A_key_whose_whole_probe_is_in_use_is_refused_below_the_cap()
    {
        QuotaTable table = new(1_000);
        for (uint i = 0; i < 64; i++)
        {
            Assert.NotEqual(-1, table.FindOrAdd(SameHome(i), new KeyState(InUse, 0), At(Now)));
        }

        Assert.Equal(-1, table.FindOrAdd(SameHome(64), new KeyState(InUse, 0), At(Now)));
        Assert.Equal((64, 1), (table.Keys, table.Refused));
    }

    private static int Add(QuotaTable table, int key, long state) => table.FindOrAdd(Key(key), new KeyState(state, 0), At(Now));

    private static long State(QuotaTable table, KeyHash key) => table.Find(key, out KeyState state) >= 0 ? state.Word : -1;

    private static KeyHash Key(int number) =>
        new KeyHasher(1, 2).Hash([(char)number, (char)(number >> 16)]).With(SlotKind.TokenBucket);

    private static KeyHash SameHome(uint number) => new KeyHash((ulong)number << 8, 42).With(SlotKind.TokenBucket);

    private static QuotaInstant At(long units) => new(units, 1, 0);
}

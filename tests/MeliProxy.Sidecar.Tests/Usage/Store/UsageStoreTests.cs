using System.Runtime.Versioning;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using MeliProxy.Sidecar.Usage.History;
using MeliProxy.Sidecar.Usage.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.Sidecar.Tests.Usage.Store;

public sealed class UsageStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = StoreUnderTest.Start;
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Start);

    private string Path => System.IO.Path.Combine(_folder.Path, "usage.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_stored_outlives_the_process_and_a_new_name_of_the_node()
    {
        await using (StoreUnderTest before = Open())
        {
            before.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1), 3, node: "old"));
        }

        await using StoreUnderTest after = Open();
        after.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1), 4, node: "new"));
        await after.WrittenAsync();

        HistoryOf<RuleHistory> history = after.Store.Reader.ReadRules(Range(Start, Start.AddHours(1), 1), null, Token);
        RulePoint point = Assert.Single(Assert.Single(history.Items).Points).Value;
        Assert.Equal([7, 14, 0, 0, 0, 0, 0, 0], point.Counts);
        Assert.Equal(Start.ToUnixTimeSeconds(), history.Since);
    }

    [Fact]
    public async Task Sums_are_the_same_in_all_steps_whenever_the_process_was_killed()
    {
        Random random = new(4711);
        string path = Path;
        StoreUnderTest store = Open(path);
        Dictionary<string, (long Allowed, LatencyHistogram Times)> rules = [];
        Dictionary<(string, int), (long Count, LatencyHistogram Times)> routes = [];
        DateTimeOffset now = Start;
        HistoryRange all = HistoryRange.Of(Start.ToUnixTimeSeconds(), Start.AddHours(30).ToUnixTimeSeconds(), 60);
        for (int killed = 0; killed < 12; killed++)
        {
            for (int i = random.Next(40); i >= 0; i--)
            {
                now += TimeSpan.FromSeconds(random.Next(1, 250));
                store.Store.Take(RandomSnapshot(random, now, rules, routes));
            }

            // What a process leaves behind that ends without a word: the file and its log.
            await store.WrittenAsync();
            string left = System.IO.Path.Combine(_folder.Path, $"left-{killed}.db");
            File.Copy(path, left);
            File.Copy(path + "-wal", left + "-wal");
            await store.DisposeAsync();
            path = left;
            store = Open(path);
            await store.WrittenAsync();

            foreach (long step in (long[])[60, 300, 3600, 86_400])
            {
                IReadOnlyList<RuleHistory> told = store.Store.Reader.ReadRules(all.By(step), null, Token).Items;
                Assert.Equal(rules.Count, told.Count);
                foreach (RuleHistory rule in told)
                {
                    Assert.Equal(rules[rule.Rule].Allowed, rule.Points.Values.Sum(point => point.Counts[0]));
                    Assert.Equal(
                        rules[rule.Rule].Times.ToBytes(),
                        rule.Points.Values.Aggregate(LatencyHistogram.Empty, (sum, point) => sum.Add(point.DecisionTime)).ToBytes());
                }

                foreach (RouteHistory route in store.Store.Reader.ReadRoutes(all.By(step), null, Token).Items)
                {
                    (long count, LatencyHistogram times) = routes[(route.Route, route.StatusClass)];
                    Assert.Equal(count, route.Points.Values.Sum(point => point.Count));
                    Assert.Equal(
                        times.ToBytes(),
                        route.Points.Values.Aggregate(LatencyHistogram.Empty, (sum, point) => sum.Add(point.Duration)).ToBytes());
                }
            }

            // The seconds are too many for one question.
            long seconds = 0;
            for (DateTimeOffset from = Start; from < now; from = from.AddSeconds(1800))
            {
                seconds += store.Sum(Range(from, from.AddSeconds(1800), 1));
            }

            Assert.Equal(rules.Values.Sum(rule => rule.Allowed), seconds);
        }

        await store.DisposeAsync();
    }

    [Fact]
    public async Task The_mode_is_the_last_and_the_share_the_largest()
    {
        await using StoreUnderTest store = Open();
        UsageSnapshot first = StoreUnderTest.Snapshot(Start.AddSeconds(1));
        store.Store.Take(first with { Rules = [first.Rules[0] with { UsedShare = 0.9 }] });
        store.Store.Take(first with { To = Start.AddSeconds(2), Rules = [first.Rules[0] with { UsedShare = 0.1, Mode = RuleMode.Shadow }] });
        await store.WrittenAsync();

        RuleHistory rule = Assert.Single(store.Store.Reader.ReadRules(Range(Start, Start.AddMinutes(1), 60), null, Token).Items);

        Assert.True(rule.IsShadow);
        Assert.Equal(0.9, Assert.Single(rule.Points).Value.UsedShare);
    }

    [Fact]
    public async Task What_is_older_than_it_is_kept_is_told_in_longer_steps()
    {
        await using StoreUnderTest store = Open();
        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1), 5));
        await store.WrittenAsync();
        _time.Advance(TimeSpan.FromHours(3));
        store.Store.Take(StoreUnderTest.Snapshot(Start.AddHours(3), 7));
        await store.WrittenAsync();

        HistoryOf<RuleHistory> old = store.Store.Reader.ReadRules(Range(Start, Start.AddMinutes(10), 1), null, Token);
        HistoryOf<RuleHistory> young = store.Store.Reader.ReadRules(Range(Start.AddHours(3).AddMinutes(-10), Start.AddHours(3), 1), null, Token);

        Assert.Equal(60, old.Range.Step);
        Assert.Equal(5, Assert.Single(old.Items).Points.Values.Single().Counts[0]);
        Assert.Equal(1, young.Range.Step);
        Assert.Equal(7, Assert.Single(young.Items).Points.Values.Single().Counts[0]);
    }

    [Fact]
    public async Task The_file_stays_under_its_size_and_loses_the_oldest_of_the_finest()
    {
        const long MaxSize = 1L << 20;
        await using StoreUnderTest store = Open(change: options => options with { MaxSize = MaxSize, Seconds = TimeSpan.FromDays(1) });
        const int Seconds = 2400;
        for (int i = 1; i <= Seconds; i += 60)
        {
            for (int j = i; j < i + 60; j++)
            {
                UsageSnapshot snapshot = StoreUnderTest.Snapshot(Start.AddSeconds(j));
                store.Store.Take(snapshot with { Rules = [.. Enumerable.Range(0, 20).Select(r => snapshot.Rules[0] with { Rule = $"rule-{r}" })] });
            }

            await store.WrittenAsync();
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(Seconds + 1)));
        await store.WrittenAsync();
        HistoryRange hour = Range(Start, Start.AddSeconds(Seconds), 60);
        HistoryOf<RuleHistory> seconds = store.Store.Reader.ReadRules(Range(Start, Start.AddMinutes(5), 1), "rule-0", Token);
        Assert.Equal(20 * Seconds, store.Sum(hour));
        Assert.Equal(60, seconds.Range.Step);
        Assert.Equal(0, store.Store.Status.Dropped);
        await store.DisposeAsync();
        Assert.InRange(new FileInfo(Path).Length, 0, MaxSize);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(9000)]
    public async Task A_damaged_file_is_set_aside_and_usage_is_stored_anew(int at)
    {
        await using (StoreUnderTest before = Open())
        {
            before.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1)));
        }

        byte[] content = await File.ReadAllBytesAsync(Path, Token);
        content.AsSpan(at, 4000).Fill(0xA5);
        await File.WriteAllBytesAsync(Path, content, Token);

        await using StoreUnderTest after = Open();
        after.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(2), 4));
        await after.WrittenAsync();

        Assert.Equal(4, after.Sum(Range(Start, Start.AddMinutes(1), 60)));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path + ".corrupt-20261128T080000Z", Token));
        Assert.Contains(after.Log.Lines, line => line.Contains("is damaged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ \"rules\": [] }")]
    [InlineData("SQLite format 3\0")]
    [InlineData("x")]
    public async Task A_file_named_as_a_database_that_is_none_is_set_aside(string content)
    {
        await File.WriteAllTextAsync(Path, content, Token);

        await using StoreUnderTest store = Open();
        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1)));
        await store.WrittenAsync();

        Assert.Equal(content, await File.ReadAllTextAsync(Path + ".corrupt-20261128T080000Z", Token));
        Assert.Single(store.Log.Lines, line => line.Contains("is damaged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ \"rules\": [] }")]
    [InlineData("SQLite format 3\0")]
    [InlineData("x")]
    public async Task Another_file_that_is_no_database_is_left_alone(string content)
    {
        string path = System.IO.Path.Combine(_folder.Path, "rules.json");
        await File.WriteAllTextAsync(path, content, Token);

        await using StoreUnderTest store = Open(path);
        await Eventually.TrueAsync(() => store.Store.Status.Problem is not null);

        Assert.EndsWith(
            "is no database of usage, so it is left alone. Set usage.store to another file, or to null", store.Store.Status.Problem, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(path, Token));
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), file => file.Contains(".corrupt-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [UnsupportedOSPlatform("windows")]
    public async Task A_file_that_is_removed_or_replaced_is_made_anew(bool isReplaced)
    {
        await using StoreUnderTest store = Open();
        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1), 3));
        await store.WrittenAsync();

        File.Delete(Path);
        if (isReplaced)
        {
            await File.WriteAllBytesAsync(Path, [], Token);
        }
        else
        {
            Assert.Throws<UsageStoreException>(() => store.Sum(Range(Start, Start.AddMinutes(1), 60)));
        }

        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(2), 4));
        await Eventually.TrueAsync(() => store.Log.Lines.Any(line => line.Contains("was removed or replaced", StringComparison.Ordinal)));
        await store.WrittenAsync();

        Assert.Equal(4, store.Sum(Range(Start, Start.AddMinutes(1), 60)));
        Assert.Null(store.Store.Status.Problem);
    }

    [Fact]
    public async Task A_leap_of_the_clock_removes_nothing()
    {
        LeapingTime time = new(Start);
        await using StoreUnderTest store = new(Path, time);
        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1), 3));
        await store.WrittenAsync();

        time.Leap = TimeSpan.FromDays(1000);
        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(2), 4));
        await store.WrittenAsync();

        HistoryOf<RuleHistory> history = store.Store.Reader.ReadRules(Range(Start, Start.AddMinutes(1), 1), null, Token);
        Assert.Equal(1, history.Range.Step);
        Assert.Equal(2, Assert.Single(history.Items).Points.Count);
    }

    [Fact]
    public async Task A_moment_that_lies_ahead_does_not_hide_what_is_stored_from_now_on()
    {
        await using (StoreUnderTest before = Open())
        {
            await before.WrittenAsync();
        }

        Change("UPDATE kept SET since = 4000000000");
        await using StoreUnderTest after = Open();
        after.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1), 3));
        await after.WrittenAsync();

        Assert.Equal(1, after.Store.Reader.ReadRules(Range(Start, Start.AddMinutes(1), 1), null, Token).Range.Step);
    }

    [Fact]
    public async Task What_is_stored_can_be_read_while_nothing_can_be_written()
    {
        await using (StoreUnderTest before = Open())
        {
            before.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1), 3));
            await before.WrittenAsync();
        }

        using SqliteConnection other = StoreConnection.Open(Path, SqliteOpenMode.ReadWrite);
        other.Run("BEGIN IMMEDIATE");
        StoreUnderTest store = Open();
        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(2), 4));
        await Eventually.TrueAsync(() => store.Store.Status.Problem is not null);

        Assert.Contains("is locked by another program", store.Store.Status.Problem, StringComparison.Ordinal);
        Assert.Equal(3, store.Sum(Range(Start, Start.AddMinutes(1), 60)));

        await store.DisposeAsync();
        Assert.Contains(store.Log.Lines, line => line.EndsWith("had not stored when the process ended: 1; they are lost", StringComparison.Ordinal));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_link_does_not_get_round_the_lock()
    {
        string link = System.IO.Path.Combine(_folder.Path, "link.db");
        File.CreateSymbolicLink(link, Path);
        await using StoreUnderTest first = Open();
        await first.WrittenAsync();
        await using StoreUnderTest second = Open(link);
        await Eventually.TrueAsync(() => second.Store.Status.Problem is not null);

        Assert.Contains("is in use by another sidecar", second.Store.Status.Problem, StringComparison.Ordinal);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task What_is_no_regular_file_is_refused_and_left_as_it_is()
    {
        string link = System.IO.Path.Combine(_folder.Path, "null.db");
        File.CreateSymbolicLink(link, "/dev/null");
        await using StoreUnderTest device = Open(link);
        await using StoreUnderTest folder = Open(_folder.Path);
        await Eventually.TrueAsync(() => device.Store.Status.Problem is not null && folder.Store.Status.Problem is not null);

        Assert.Equal("/dev/null is no regular file. Set usage.store to another file, or to null", device.Store.Status.Problem);
        Assert.Contains("is no regular file", folder.Store.Status.Problem, StringComparison.Ordinal);
        Assert.False(File.Exists("/dev/null.lock"));
        Assert.False(File.Exists(_folder.Path + ".lock"));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_set_aside()
    {
        await using (StoreUnderTest before = Open())
        {
            await before.WrittenAsync();
        }

        Change("PRAGMA user_version = 2");
        await using StoreUnderTest after = Open();
        await after.WrittenAsync();

        Assert.True(File.Exists(Path + ".corrupt-20261128T080000Z"));
        Assert.Contains(after.Log.Lines, line => line.Contains("another version", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_database_of_another_program_is_left_alone()
    {
        await File.WriteAllBytesAsync(Path, [], Token);
        Change("CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)");
        byte[] content = await File.ReadAllBytesAsync(Path, Token);

        await using StoreUnderTest store = Open();
        await Eventually.TrueAsync(() => store.Store.Status.Problem is not null);

        Assert.Contains("a database of another program. Set usage.store", store.Store.Status.Problem, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path, Token));
    }

    [Fact]
    public async Task A_second_sidecar_with_the_same_file_says_so_and_takes_over_once_the_first_is_gone()
    {
        StoreUnderTest first = Open();
        await first.WrittenAsync();
        await using StoreUnderTest second = Open();
        second.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1), 4));
        await Eventually.TrueAsync(() => second.Store.Status.Problem is not null);
        Assert.EndsWith(
            "is in use by another sidecar. Set usage.store to a file of its own for each, or to null", second.Store.Status.Problem, StringComparison.Ordinal);
        Assert.Throws<UsageStoreException>(() => second.Store.Reader.ReadRules(Range(Start, Start.AddMinutes(1), 60), null, Token));

        await first.DisposeAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        second.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(2), 5));
        await second.WrittenAsync();

        Assert.Equal(9, second.Sum(Range(Start, Start.AddMinutes(1), 60)));
        Assert.Null(second.Store.Status.Problem);
    }

    [Fact]
    public async Task Where_nothing_can_be_written_the_oldest_are_dropped_and_counted()
    {
        string path = System.IO.Path.Combine(_folder.Path, "missing", "usage.db");
        await using StoreUnderTest store = Open(path);
        await Eventually.TrueAsync(() => store.Store.Status.Problem is not null);
        for (int i = 1; i <= UsageStore.Capacity + 10; i++)
        {
            store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(i), allowed: i));
        }

        Assert.Equal(UsageStore.Capacity, store.Store.Status.Queued);
        Assert.Equal(10, store.Store.Status.Dropped);

        // It is told after it is known.
        await Eventually.TrueAsync(() => store.Log.Lines.Any(line => line.Contains("Usage is not stored", StringComparison.Ordinal)));
        Assert.Single(store.Log.Lines, line => line.Contains("Usage is not stored", StringComparison.Ordinal));

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        _time.Advance(TimeSpan.FromMinutes(1));
        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1000), allowed: 1));
        await store.WrittenAsync();
        Assert.Equal(
            Enumerable.Range(12, UsageStore.Capacity - 1).Sum() + 1, store.Sum(Range(Start, Start.AddHours(1), 60)));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_its_user_may_read_the_file()
    {
        await using StoreUnderTest store = Open();
        await store.WrittenAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path + "-wal"));
    }

    [Fact]
    public async Task A_question_that_takes_too_long_is_given_up()
    {
        await using StoreUnderTest store = Open();
        store.Store.Take(StoreUnderTest.Snapshot(Start.AddSeconds(1)));
        await store.WrittenAsync();

        Assert.ThrowsAny<OperationCanceledException>(
            () => store.Store.Reader.ReadRules(Range(Start, Start.AddMinutes(1), 60), null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task The_keys_with_the_most_hits_of_a_time_are_told()
    {
        await using StoreUnderTest store = Open();
        for (int i = 0; i < 3 * 360; i++)
        {
            DateTimeOffset at = Start.AddSeconds(10 * (i + 1));
            double faded = 1 - Math.Exp(-(i + 1) / 60.0);

            // Ten hits a second have this sum in a list whose hits fade; the other key is hit once, in the second hour.
            long steady = (long)Math.Round(6000 * faded);
            long once = i < 400 ? 0 : (long)Math.Round(100 * Math.Exp(-(i - 400) / 60.0));
            store.Store.Take(StoreUnderTest.Snapshot(at) with
            {
                TopKeys = [new TopKey("r", ["a"], steady, 0, 0), .. once > 0 ? [new TopKey("r", ["b", ""], once, once, 0)] : Array.Empty<TopKey>()],
            });
            if (i % 60 == 0)
            {
                await store.WrittenAsync();
            }
        }

        await store.WrittenAsync();
        IReadOnlyList<KeyHits> all = store.Store.Reader.ReadTop(Range(Start, Start.AddHours(3), 60), "r", 10, Token).Items;
        IReadOnlyList<KeyHits> odd = store.Store.Reader.ReadTop(Range(Start.AddMinutes(30), Start.AddMinutes(150), 60), null, 10, Token).Items;
        IReadOnlyList<KeyHits> quiet = store.Store.Reader.ReadTop(Range(Start.AddMinutes(90), Start.AddMinutes(100), 60), null, 10, Token).Items;

        Assert.Equal("""["a"]""", all[0].Key);
        Assert.InRange(all[0].Hits, 107_000, 109_000);
        Assert.InRange(odd[0].Hits, 71_000, 73_000);
        Assert.Equal("""["b",""]""", all[1].Key);
        Assert.InRange(all[1].Hits, 99, 102);
        Assert.InRange(all[1].Limited, 99, 102);
        Assert.Single(quiet);
    }

    private static HistoryRange Range(DateTimeOffset from, DateTimeOffset to, long step) =>
        HistoryRange.Of(from.ToUnixTimeSeconds(), to.ToUnixTimeSeconds(), step);

    private static UsageSnapshot RandomSnapshot(
        Random random,
        DateTimeOffset now,
        Dictionary<string, (long Allowed, LatencyHistogram Times)> rules,
        Dictionary<(string, int), (long Count, LatencyHistogram Times)> routes)
    {
        RuleUsage[] ruleUsage = [.. Enumerable.Range(0, 4).Where(_ => random.Next(3) > 0).Select(r => new RuleUsage
        {
            Rule = $"rule-{r}", Allowed = random.Next(1000), DecisionTime = RandomTimes(random),
        })];
        RouteUsage[] routeUsage = [.. Enumerable.Range(0, 6).Where(_ => random.Next(3) == 0).Select(c => new RouteUsage
        {
            Route = "route", StatusClass = c, Count = random.Next(1000), Duration = RandomTimes(random),
        })];
        foreach (RuleUsage rule in ruleUsage)
        {
            (long allowed, LatencyHistogram? times) = rules.GetValueOrDefault(rule.Rule);
            rules[rule.Rule] = (allowed + rule.Allowed, (times ?? LatencyHistogram.Empty).Add(rule.DecisionTime));
        }

        foreach (RouteUsage route in routeUsage)
        {
            (long count, LatencyHistogram? times) = routes.GetValueOrDefault((route.Route, route.StatusClass));
            routes[(route.Route, route.StatusClass)] = (count + route.Count, (times ?? LatencyHistogram.Empty).Add(route.Duration));
        }

        return new UsageSnapshot { Node = "n", From = now.AddSeconds(-1), To = now, Rules = ruleUsage, Routes = routeUsage, State = new NodeUsage() };
    }

    /// <summary>Some times, in the stored form: a sum, and for each bucket the distance from the one before and a count.</summary>
    private static LatencyHistogram RandomTimes(Random random)
    {
        List<byte> bytes = [(byte)random.Next(128)];
        for (int i = random.Next(5); i >= 0; i--)
        {
            bytes.Add((byte)random.Next(1, 128));
            bytes.Add((byte)random.Next(1, 128));
        }

        return LatencyHistogram.TryRead([.. bytes])!;
    }

    private void Change(string sql)
    {
        using SqliteConnection connection = StoreConnection.Open(Path, SqliteOpenMode.ReadWrite);
        connection.Run(sql);
    }

    private StoreUnderTest Open(string? path = null, Func<UsageStoreOptions, UsageStoreOptions>? change = null) => new(path ?? Path, _time, change);

    /// <summary>A clock that can be set ahead without time passing.</summary>
    private sealed class LeapingTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        public TimeSpan Leap { get; set; }

        public override long GetTimestamp() => base.GetUtcNow().Ticks;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Leap;
    }
}

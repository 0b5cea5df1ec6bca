using System.Collections.Concurrent;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Tests.Usage;

public class UsageReporterTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly SteerableTimeProvider _time = new();
    private readonly CollectingSink _sink = new();

    [Fact]
    public async Task Each_second_is_told_by_what_came_to_it()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("tight", 3), Call.Hour("elsewhere", 1) with { Match = new RuleMatch { Path = "/elsewhere" } });
        await using UsageReporter reporter = Start(limiter);
        Decide(limiter, 5);
        _time.Advance(Second);
        _time.Advance(Second);
        Decide(limiter, 2);
        _time.Advance(Second);

        Assert.Equal(3, _sink.Snapshots.Count);
        Assert.All(_sink.Snapshots, snapshot => Assert.Equal(("a", Second), (snapshot.Node, snapshot.To - snapshot.From)));
        RuleUsage first = Assert.Single(_sink.Snapshots[0].Rules);
        Assert.Equal(("tight", RuleMode.Enforce, 3, 2, 5, 3), (first.Rule, first.Mode, first.Allowed, first.Limited, first.Total, first.Cost));
        Assert.Empty(_sink.Snapshots[1].Rules);
        Assert.Equal((0, 2, 0), (_sink.Last.Rules[0].Allowed, _sink.Last.Rules[0].Limited, _sink.Last.Rules[0].Cost));
    }

    [Fact]
    public async Task The_first_snapshot_has_what_came_before_and_the_last_what_was_left()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 100));
        Decide(limiter, 2);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        UsageReporter reporter = Start(limiter);
        _time.Advance(TimeSpan.FromMilliseconds(750));
        Decide(limiter, 3);
        _time.Advance(TimeSpan.FromMilliseconds(333));
        await reporter.DisposeAsync();
        await reporter.DisposeAsync();
        Decide(limiter, 1);
        _time.Advance(Second);

        Assert.Equal([2, 3], _sink.Snapshots.Select(snapshot => snapshot.Rules[0].Allowed));
        Assert.Equal([(250, 1000), (1000, 1333)], _sink.Snapshots.Select(s => (Milliseconds(s.From), Milliseconds(s.To))));
    }

    [Fact]
    public async Task Cost_is_what_was_taken_when_all_rules_agreed()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(
            _time,
            Call.Hour("first", 100) with { Cost = 3 },
            Call.Hour("second", 7),
            Call.Hour("shadow", 2) with { Mode = RuleMode.Shadow, Cost = 2 },
            Call.Hour("free", 5) with { Cost = 0, Charge = "c" });
        await using UsageReporter reporter = Start(limiter);
        Decide(limiter, 10);
        limiter.Decide(new Call("another"), 4).Dispose();
        _time.Advance(Second);

        Assert.Equal(33, _sink.Sum("first", usage => usage.Cost));
        Assert.Equal(11, _sink.Sum("second", usage => usage.Cost));
        Assert.Equal(2, _sink.Sum("shadow", usage => usage.Cost));
        Assert.Equal(0, _sink.Sum("free", usage => usage.Cost));
        Assert.Equal(RuleMode.Shadow, _sink.Last.Rules.Single(usage => usage.Rule == "shadow").Mode);
    }

    [Fact]
    public async Task What_passes_unjudged_fails_open_and_what_another_rule_rejects_does_not()
    {
        QuotaLimiterOptions<Call> options = Call.Options(
            _time,
            Call.Hour("open", 1) with { Key = ["fails"] },
            Call.Hour("also-open", 1) with { Key = ["fails"] },
            Call.Hour("tight", 2));
        options.KeySources.Add("fails", _ => throw new FormatException());
        QuotaLimiter<Call> limiter = new(options);
        await using UsageReporter reporter = Start(limiter);
        Decide(limiter, 5);
        _time.Advance(Second);

        Assert.Equal((2, 5), (_sink.Sum("open", usage => usage.FailOpen), _sink.Sum("open", usage => usage.Failed)));
        Assert.Equal(2, _sink.Sum("also-open", usage => usage.FailOpen));
        Assert.Equal(0, _sink.Sum("tight", usage => usage.FailOpen));
    }

    [Theory]
    [InlineData(KeyCapBehavior.Admit, 5)]
    [InlineData(KeyCapBehavior.Overflow, 0)]
    [InlineData(KeyCapBehavior.Reject, 0)]
    public async Task What_passes_without_room_for_its_key_fails_open(KeyCapBehavior behavior, int expected)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Hour("r", 100));
        options.MaxKeys = 1;
        options.KeyCap = behavior;
        QuotaLimiter<Call> limiter = new(options);
        await using UsageReporter reporter = Start(limiter);
        limiter.Decide(new Call("first"));
        for (int i = 0; i < 5; i++)
        {
            limiter.Decide(new Call($"{i}"));
        }

        _time.Advance(Second);
        Assert.Equal((expected, 5), (_sink.Sum("r", usage => usage.FailOpen), _sink.Sum("r", usage => usage.NoRoom)));
    }

    [Fact]
    public async Task Rules_that_are_removed_or_replaced_lose_nothing()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 3) with { Mode = RuleMode.Shadow }, Call.Hour("kept", 100));
        UsageReporter reporter = Start(limiter);
        Decide(limiter, 1);
        _time.Advance(Second);
        Decide(limiter, 4);
        limiter.Update(new RuleSet([Call.Hour("kept", 100)]));
        Decide(limiter, 1);
        _time.Advance(Second);
        RuleUsage removed = _sink.Last.Rules.Single(usage => usage.Rule == "r");
        Assert.Equal((RuleMode.Shadow, 2, 2), (removed.Mode, removed.Allowed, removed.ShadowLimited));
        limiter.Update(new RuleSet([Call.Bucket("r", 1), Call.Hour("short-lived", 10)]));
        Decide(limiter, 2);
        limiter.Update(RuleSet.Empty);
        await reporter.DisposeAsync();

        Assert.Equal((4, 1, 2), (_sink.Sum("r", u => u.Allowed), _sink.Sum("r", u => u.Limited), _sink.Sum("r", u => u.ShadowLimited)));
        Assert.Equal(6, _sink.Sum("kept", u => u.Allowed));
        Assert.Equal(1, _sink.Sum("short-lived", u => u.Allowed));
    }

    [Fact]
    public async Task All_snapshots_together_are_exact_while_threads_decide_and_rules_change()
    {
        const int Threads = 4;
        const int Decisions = 3_000;
        TrafficRecorder traffic = new();
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 1_000_000), Call.Hour("tight", 500) with { Mode = RuleMode.Shadow });
        UsageReporter reporter = Start(limiter, options => options with { Traffic = traffic });
        Together.Run(
            Threads,
            thread =>
            {
                for (int i = 0; i < Decisions; i++)
                {
                    if (thread == 0 && i % 10 == 0)
                    {
                        limiter.Update(new RuleSet([Call.Hour("r", 1_000_000), i % 20 == 0 ? Call.Hour($"r{i % 7}", 10) with { Mode = RuleMode.Shadow } : Call.Hour("tight", 500) with { Mode = RuleMode.Shadow }]));
                    }

                    if (thread == 1 && i % 25 == 0)
                    {
                        _time.WallClockOffset += Second;
                        reporter.Tick();
                    }

                    limiter.Decide(new Call($"{i % 3}"));
                    traffic.Route("api").Record(2, 1, 2, TimeSpan.FromTicks(i), TimeSpan.FromTicks(i));
                }
            });
        await reporter.DisposeAsync();

        limiter.Update(new RuleSet([Call.Hour("r", 1_000_000), Call.Hour("tight", 500), .. Enumerable.Range(0, 7).Select(i => Call.Hour($"r{i}", 10))]));
        foreach (RuleCounts counts in limiter.GetRuleCounts())
        {
            string rule = counts.Rule.Name;
            Assert.Equal(
                (counts.Allowed, counts.Limited, counts.ShadowLimited),
                (_sink.Sum(rule, u => u.Allowed), _sink.Sum(rule, u => u.Limited), _sink.Sum(rule, u => u.ShadowLimited)));
            Assert.Equal(counts.Allowed, _sink.Sum(rule, u => u.Cost));
        }

        Assert.Equal(Threads * Decisions, _sink.Sum("r", u => u.Allowed));
        RouteUsage[] routes = [.. _sink.Snapshots.SelectMany(s => s.Routes)];
        Assert.Equal(
            (Threads * Decisions, Threads * Decisions, 2 * Threads * Decisions),
            (routes.Sum(r => r.Count), routes.Sum(r => r.BytesIn), routes.Sum(r => r.BytesOut)));
        Assert.Equal(Threads * (Decisions * (Decisions - 1L) / 2), routes.Sum(r => r.Duration.Sum.Ticks));
        Assert.Equal(_sink.Snapshots.Skip(1).Select(s => s.From), _sink.Snapshots.SkipLast(1).Select(s => s.To));
        Assert.All(_sink.Snapshots, s => Assert.True(s.To > s.From));
    }

    [Fact]
    public async Task Snapshots_end_at_whole_seconds_one_after_the_other_whatever_becomes_of_the_wall_clock()
    {
        UsageReporter reporter = Start(Call.Limiter(_time));
        foreach (double offset in new[] { 0, -0.4, -3_600, -3_600, -3_601, -7_200, 0.1, 3_600, 3_600.5, 3_599, -86_400 })
        {
            _time.WallClockOffset = TimeSpan.FromSeconds(offset);
            _time.Advance(Second);
        }

        Assert.InRange(_sink.Snapshots.Count, 9, 12);
        Assert.All(_sink.Snapshots, s => Assert.Equal(0, s.To.UtcTicks % TimeSpan.TicksPerSecond));
        _time.WallClockOffset -= TimeSpan.FromHours(1);
        await reporter.DisposeAsync();
        Assert.All(_sink.Snapshots.Zip(_sink.Snapshots.Skip(1)), pair =>
        {
            Assert.Equal(pair.First.To, pair.Second.From);
            Assert.True(pair.Second.To > pair.Second.From);
        });
    }

    [Fact]
    public async Task A_pause_makes_one_long_snapshot()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 100));
        await using UsageReporter reporter = Start(limiter);
        Decide(limiter, 7);
        _time.Advance(TimeSpan.FromSeconds(30.2));
        Assert.Equal((TimeSpan.FromSeconds(30), 7), (_sink.Last.To - _sink.Last.From, Assert.Single(_sink.Snapshots).Rules[0].Allowed));
        _time.Advance(TimeSpan.FromSeconds(0.7));
        Assert.Single(_sink.Snapshots);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(Second, _sink.Last.To - _sink.Last.From);
    }

    [Fact]
    public async Task A_tick_that_is_too_early_waits_for_its_time()
    {
        await using UsageReporter reporter = Start(Call.Limiter(_time));
        _time.Advance(TimeSpan.FromMilliseconds(999));
        reporter.Tick();
        Assert.Empty(_sink.Snapshots);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single(_sink.Snapshots);
    }

    [Fact]
    public async Task One_snapshot_in_ten_has_the_top_keys()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 1_000), Call.Hour("paths", 1_000) with { Key = ["path"] });
        UsageReporter reporter = Start(limiter);
        for (int i = 0; i < 30; i++)
        {
            limiter.Decide(new Call($"{i}"));
        }

        Decide(limiter, 5);
        for (int i = 0; i < 20; i++)
        {
            _time.Advance(Second);
        }

        await reporter.DisposeAsync();
        Assert.Equal([9, 19, 20], _sink.Snapshots.Index().Where(s => s.Item.TopKeys.Count > 0).Select(s => s.Index));
        IReadOnlyList<TopKey> keys = _sink.Snapshots[9].TopKeys;
        Assert.Equal((20, 1), (keys.Count(key => key.Rule == "r"), keys.Count(key => key.Rule == "paths")));
        Assert.Equal(("a", 5), (keys[0].Key[0], keys[0].Hits));
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.Concurrency)]
    public async Task The_share_used_is_that_of_the_key_which_used_most(RateLimitAlgorithm algorithm)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.By(algorithm, "r", 1_000));
        options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["b"], Limit = 10 });
        QuotaLimiter<Call> limiter = new(options);
        await using UsageReporter reporter = Start(limiter);
        Decide(limiter, 100);
        _time.Advance(Second);
        Assert.Equal(0.1, _sink.Last.Rules[0].UsedShare, tolerance: 0.01);

        for (int i = 0; i < 6; i++)
        {
            limiter.Decide(new Call("b"));
        }

        _time.Advance(Second);
        Assert.Equal(0.6, _sink.Last.Rules[0].UsedShare, tolerance: 0.01);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(0)]
    public async Task Decisions_are_timed_with_their_keys_for_each_rule_that_had_a_say(int topKeys)
    {
        QuotaLimiterOptions<Call> options = Call.Options(
            _time,
            Call.Hour("slow", 10) with { Key = ["slow"] },
            Call.Hour("elsewhere", 1) with { Match = new RuleMatch { Path = "/elsewhere" } });
        options.TopKeys = topKeys;
        options.KeySources.Add("slow", _ =>
        {
            _time.Advance(TimeSpan.FromMicroseconds(100));
            return "x";
        });
        QuotaLimiter<Call> limiter = new(options);
        Decide(limiter, 5);
        await using UsageReporter reporter = Start(limiter);
        Decide(limiter, 21);
        _time.Advance(Second);

        // The first one of a thread tells that the second is to be timed.
        RuleUsage slow = Assert.Single(_sink.Last.Rules);
        Assert.InRange(slow.DecisionTime.Count, 20, 21);
        Assert.InRange(slow.DecisionTime.Quantile(0.5), TimeSpan.FromMicroseconds(100), TimeSpan.FromMicroseconds(210));
    }

    [Fact]
    public async Task Few_decisions_of_many_are_timed()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 1_000_000));
        await using UsageReporter reporter = Start(limiter);
        Decide(limiter, 200_000);
        _time.Advance(Second);
        Assert.InRange(_sink.Last.Rules[0].DecisionTime.Count, 256, 4_000);
    }

    [Fact]
    public async Task A_sink_that_throws_is_told_of_once_and_the_others_miss_nothing()
    {
        bool fails = true;
        List<string> told = [];
        CollectingSink bad = new("bad", _ => throw (fails ? new InvalidOperationException("full") : new OperationCanceledException()));
        CollectingSink flaky = new("flaky", _ =>
        {
            if (fails)
            {
                throw new InvalidOperationException("down");
            }
        });
        await using UsageReporter reporter = Start(Call.Limiter(_time), options => options with
        {
            Sinks = [bad, flaky, _sink],
            OnError = (name, exception) =>
            {
                told.Add($"{name}: {exception.Message}");
                throw new InvalidOperationException("so does this");
            },
        });
        Advance(3);
        fails = false;
        Advance(2);
        fails = true;
        Advance(2);
        Assert.Equal((0, 2, 7), (bad.Snapshots.Count, flaky.Snapshots.Count, _sink.Snapshots.Count));
        Assert.Equal(["bad: full", "flaky: down", "flaky: down"], told);
    }

    [Fact]
    public async Task A_sink_that_hangs_holds_up_no_other_and_gets_what_it_missed_in_order()
    {
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim released = new();
        CollectingSink hung = new("hung", _ =>
        {
            entered.Set();
            released.Wait(TestContext.Current.CancellationToken);
        });
        UsageReporter reporter = Start(Call.Limiter(_time), options => options with { Sinks = [hung, _sink] });
        _time.WallClockOffset += Second;
        Task tick = Task.Run(reporter.Tick, TestContext.Current.CancellationToken);
        entered.Wait(TestContext.Current.CancellationToken);
        for (int i = 0; i < SinkFeed.Room + 5; i++)
        {
            _time.WallClockOffset += Second;
            reporter.Tick();
        }

        Assert.Equal(SinkFeed.Room + 6, _sink.Snapshots.Count);
        Assert.Equal(_sink.Snapshots.OrderBy(s => s.To), _sink.Snapshots);
        SinkStatus status = reporter.GetSinkStatus()[0];
        Assert.Equal((1 + SinkFeed.Room, 2 + 5), (status.Queued, status.Dropped));
        Assert.NotNull(status.Problem);
        Assert.Null(reporter.GetSinkStatus()[1].Problem);

        released.Set();
        await tick;
        await reporter.DisposeAsync();
        Assert.Equal([_sink.Snapshots[0], .. _sink.Snapshots.TakeLast(SinkFeed.Room + 1)], hung.Snapshots);
    }

    [Fact]
    public async Task Disposal_does_not_wait_for_a_sink_that_hangs_forever()
    {
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim released = new();
        ConcurrentQueue<string> told = new();
        TaskCompletionSource taken = new();
        CollectingSink hung = new("hung", _ =>
        {
            entered.Set();
            released.Wait(TestContext.Current.CancellationToken);
        });
        CollectingSink alsoHung = new("also hung", _ => released.Wait(TestContext.Current.CancellationToken));
        CollectingSink well = new("well", _ => taken.SetResult());
        UsageReporter reporter = Start(
            Call.Limiter(_time), options => options with { Sinks = [hung, alsoHung, well], OnError = (name, _) => told.Enqueue(name) });
        Task disposing = reporter.DisposeAsync().AsTask();
        entered.Wait(TestContext.Current.CancellationToken);
        await taken.Task;
        Assert.False(disposing.IsCompleted);
        _time.Advance(UsageReporter.Patience);
        await disposing;
        released.Set();
        Assert.Contains("hung", told);
        Assert.Contains("also hung", told);
    }

    [Fact]
    public async Task The_host_tells_what_the_limiter_does_not_know()
    {
        bool fails = false;
        List<string> told = [];
        TrafficRecorder traffic = new();
        traffic.Begin();
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Call.Hour("r", 100));
        limiter.Decide(new Call("a"));
        await using UsageReporter reporter = Start(limiter, options => options with
        {
            Traffic = traffic,
            Complete = state => fails ? throw new InvalidOperationException() : state with { RulesRevision = 7 },
            OnError = (name, _) => told.Add(name),
        });
        Advance(1);
        NodeUsage state = _sink.Last.State;
        Assert.Equal((7, 1, 1, 0), (state.RulesRevision, state.ActiveKeys, state.InFlight, state.Queued));
        Assert.Equal((null, null), (state.IsSharingConnected, state.LeaseLag));
        Assert.True(state.ResidentBytes > 0);
        Assert.Equal(new SinkStatus("collected", 1, 2, null), Assert.Single(state.Sinks));

        fails = true;
        Advance(2);
        Assert.Equal(0, _sink.Last.State.RulesRevision);
        Assert.Equal(["usage"], told);
    }

    [Fact]
    public async Task Evicted_keys_are_told_by_what_came_to_them()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Bucket("r", 1));
        options.MaxKeys = 100;
        QuotaLimiter<Call> limiter = new(options);
        await using UsageReporter reporter = Start(limiter);
        for (int i = 0; i < 1_000; i++)
        {
            limiter.Decide(new Call($"{i}"));
            _time.Advance(TimeSpan.FromMilliseconds(20));
        }

        Advance(1);
        Assert.True(limiter.EvictedKeys > 0);
        Assert.Equal(limiter.EvictedKeys, _sink.Snapshots.Sum(s => s.State.EvictedKeys));
    }

    [Fact]
    public void Intervals_are_whole_seconds()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time);
        foreach (double seconds in new[] { 0, -1, 0.5, 1.5, 90_000 })
        {
            TimeSpan interval = TimeSpan.FromSeconds(seconds);
            Assert.Throws<ArgumentOutOfRangeException>(() => Start(limiter, options => options with { Interval = interval }));
            Assert.Throws<ArgumentOutOfRangeException>(() => Start(limiter, options => options with { TopKeysInterval = interval }));
        }

        Assert.Throws<ArgumentException>(() => Start(limiter, options => options with { Node = "" }));
    }

    private static void Decide(QuotaLimiter<Call> limiter, int times)
    {
        Call call = new("a");
        for (int i = 0; i < times; i++)
        {
            limiter.Decide(call);
        }
    }

    private static long Milliseconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() - new SteerableTimeProvider().GetUtcNow().ToUnixTimeMilliseconds();

    private UsageReporter Start(QuotaLimiter<Call> limiter, Func<UsageReporterOptions, UsageReporterOptions>? configure = null)
    {
        UsageReporterOptions options = new() { Node = "a", Sinks = [_sink], TimeProvider = _time };
        return UsageReporter.Start(limiter, configure?.Invoke(options) ?? options);
    }

    private void Advance(int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            _time.Advance(Second);
        }
    }
}

using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Queueing;

/// <summary>Who waits, for how long, and in which order.</summary>
public class WaitingTests
{
    private static readonly Call A = new("a");
    private static readonly Call B = new("b");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void What_is_allowed_or_has_no_queue_is_decided_at_once()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1) with { Match = new RuleMatch { Path = "/q" } }, Call.Bucket("s", 1));
        Assert.True(limiter.Ask(new Call("a", "/q")).Decided().IsAllowed);
        QuotaDecision rejection = limiter.Ask(A).Decided();
        Assert.Equal(["s"], rejection.ViolatedRules);
        Assert.Equal(0, limiter.QueuedCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.Ask(A, -1).Decided());
    }

    [Fact]
    public void Those_who_wait_pass_in_order_of_arrival_at_the_first_moment_they_can()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 2));
        limiter.Decide(A, 2);
        Task<QuotaDecision>[] waiting = [.. Enumerable.Range(0, 4).Select(_ => limiter.Ask(A))];
        Assert.Equal(4, limiter.QueuedCount);
        Assert.Equal(4, limiter.GetStatistics(A)!.CurrentQueuedCount);
        for (int passed = 0; passed <= waiting.Length; passed++)
        {
            Assert.Equal(passed, waiting.TakeWhile(w => w.IsCompleted).Count());
            Assert.Equal(passed, waiting.Count(w => w.IsCompleted));
            _time.Advance(TimeSpan.FromMilliseconds(999));
            Assert.Equal(passed, waiting.Count(w => w.IsCompleted));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.All(waiting, w => Assert.True(w.Decided().IsAllowed));
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
    }

    [Fact]
    public void Keys_wait_for_themselves_only()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1));
        limiter.Decide(A);
        Task<QuotaDecision> waiting = limiter.Ask(A);
        Assert.True(limiter.Ask(B).Decided().IsAllowed);
        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, limiter.QueuedKeyCount);
    }

    [Fact]
    public void Nobody_overtakes_who_waits_though_there_are_permits_for_less()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 3));
        limiter.Decide(A, 2);
        Task<QuotaDecision> large = limiter.Ask(A, 3);

        QuotaDecision rejection = limiter.Decide(A);
        Assert.False(rejection.IsAllowed);
        Assert.Equal(["r"], rejection.ViolatedRules);
        Assert.Equal(0, rejection.Remaining);
        Assert.Equal(TimeSpan.FromSeconds(1), rejection.RetryAfter);
        Task<QuotaDecision> small = limiter.Ask(A);
        Assert.False(small.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(large.Decided().IsAllowed);
        Assert.False(small.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(small.Decided().IsAllowed);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limiter.Decide(A).IsAllowed);
    }

    [Fact]
    public void Nobody_waits_in_vain_for_more_than_a_key_can_hold()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 3));
        Assert.False(limiter.Ask(A, 4).Decided().IsAllowed);
    }

    [Fact]
    public void Nobody_waits_for_permits_that_come_too_late()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 5, maxWaitSeconds: 3));
        limiter.Decide(A, 5);
        Assert.Equal(TimeSpan.FromSeconds(4), limiter.Ask(A, 4).Decided().RetryAfter);
        Assert.False(limiter.Ask(A, 3).IsCompleted);
    }

    [Fact]
    public void No_more_wait_than_there_is_room_for_by_key_and_in_all()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Queued.Bucket("r", 1, queue: 2));
        options.MaxQueued = 3;
        using QuotaLimiter<Call> limiter = new(options);
        limiter.Decide(A);
        limiter.Decide(B);
        Assert.False(limiter.Ask(A).IsCompleted);
        Assert.False(limiter.Ask(A).IsCompleted);
        Assert.False(limiter.Ask(A).Decided().IsAllowed);
        Assert.False(limiter.Ask(B).IsCompleted);
        Assert.False(limiter.Ask(B).Decided().IsAllowed);
        Assert.Equal(3, limiter.QueuedCount);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, limiter.QueuedCount);
        Assert.False(limiter.Ask(A).IsCompleted);
    }

    [Fact]
    public void Who_waited_as_long_as_the_rule_allows_is_rejected_with_figures_of_that_moment()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1, maxWaitSeconds: 2) with { Charge = "extra" });
        using QuotaDecision first = limiter.Decide(A);
        Task<QuotaDecision>[] waiting = [limiter.Ask(A), limiter.Ask(A)];
        first.Charge("extra", 2);
        _time.Advance(TimeSpan.FromMilliseconds(1_999));
        Assert.Equal(2, limiter.QueuedCount);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["r"], waiting[0].Decided().ViolatedRules);
        Assert.Equal(TimeSpan.FromSeconds(1), waiting[0].Decided().RetryAfter);
        Assert.False(waiting[1].Decided().IsAllowed);
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
    }

    [Fact]
    public void All_pass_that_a_new_window_has_room_for_though_it_begins_at_their_deadline()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Window("r", 2, maxWaitSeconds: 10));
        limiter.Decide(A, 2);
        Task<QuotaDecision>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => limiter.Ask(A))];
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([true, true, false], waiting.Select(w => w.Decided().IsAllowed));
    }

    [Fact]
    public void One_who_is_next_passes_at_once_when_the_one_before_is_cancelled()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 3));
        limiter.Decide(A, 2);
        using CancellationTokenSource cancellation = new();
        Task<QuotaDecision> large = limiter.AskUntil(A, 3, cancellation.Token);
        Task<QuotaDecision> small = limiter.Ask(A);
        cancellation.Cancel();
        Assert.True(small.Decided().IsAllowed);
        Assert.Equal(cancellation.Token, Assert.Throws<TaskCanceledException>(() => large.Decided()).CancellationToken);
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, Assert.Single(limiter.Explain(A)).Remaining);
    }

    [Fact]
    public void One_in_the_middle_leaves_when_cancelled()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1));
        limiter.Decide(A);
        using CancellationTokenSource cancellation = new();
        Task<QuotaDecision> first = limiter.Ask(A);
        Task<QuotaDecision> second = limiter.AskUntil(A, 1, cancellation.Token);
        Task<QuotaDecision> third = limiter.Ask(A);
        cancellation.Cancel();
        Assert.True(second.IsCanceled);
        Assert.Equal(2, limiter.QueuedCount);
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(first.Decided().IsAllowed && third.Decided().IsAllowed);
    }

    [Fact]
    public void What_was_cancelled_before_takes_nothing()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1));
        Assert.True(limiter.AskUntil(A, 1, new CancellationToken(canceled: true)).IsCanceled);
        Assert.True(limiter.Decide(A).IsAllowed);
    }

    /// <summary>A source that cancels: while the resource is decided for the first time, and while it is tried again.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Cancelled_while_it_is_tried_it_leaves_if_it_does_not_pass(int call)
    {
        using CancellationTokenSource cancellation = new();
        int calls = 0;
        QuotaLimiterOptions<Call> options = Call.Options(_time, Queued.Bucket("r", 1) with { Key = ["counting"] });
        options.KeySources.Add("counting", resource =>
        {
            if (resource == B && ++calls == call)
            {
                cancellation.Cancel();
            }

            return "";
        });
        using QuotaLimiter<Call> limiter = new(options);
        limiter.Decide(A);
        Assert.True(limiter.AskUntil(B, 1, cancellation.Token).IsCanceled);
        Assert.Equal((call, 0, 0), (calls, limiter.QueuedCount, limiter.QueuedKeyCount));
    }

    [Fact]
    public void No_permits_wait_for_one_and_leave_it()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1));
        limiter.Decide(A);
        Task<QuotaDecision> none = limiter.Ask(A, 0);
        Task<QuotaDecision> one = limiter.Ask(A);
        Assert.False(none.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(none.Decided().IsAllowed && one.Decided().IsAllowed);
    }

    [Fact]
    public async Task Disposal_rejects_all_that_wait_and_nobody_waits_any_more()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1));
        limiter.Decide(A);
        Task<QuotaDecision>[] waiting = [limiter.Ask(A), limiter.Ask(A)];
        await limiter.DisposeAsync();
        Assert.All(waiting, w => Assert.Equal(["r"], w.Decided().ViolatedRules));
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
        Assert.Equal(2, Assert.Single(limiter.GetRuleCounts()).Limited);
        Assert.False(limiter.Ask(A).Decided().IsAllowed);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(limiter.Ask(A).Decided().IsAllowed);
        limiter.Dispose();
    }

    [Fact]
    public void Who_waited_is_counted_once()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(
            _time, Queued.Bucket("r", 1, maxWaitSeconds: 2, queue: 3), Call.Bucket("shadow", 1) with { Mode = RuleMode.Shadow });
        using CancellationTokenSource cancellation = new();
        limiter.Decide(A);
        _ = limiter.Ask(A);
        Task<QuotaDecision> cancelled = limiter.AskUntil(A, 1, cancellation.Token);
        Task<QuotaDecision> late = limiter.Ask(A, 1);
        Assert.False(limiter.Ask(A).Decided().IsAllowed);
        cancellation.Cancel();
        limiter.Decide(B);
        _time.Advance(TimeSpan.FromSeconds(1));
        limiter.Update(limiter.Rules);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(cancelled.IsCanceled);
        Assert.True(late.Decided().IsAllowed);

        RuleCounts r = limiter.GetRuleCounts()[0];
        Assert.Equal((4, 1, 2), (r.Allowed, r.Limited, r.Delayed));
        RuleCounts shadow = limiter.GetRuleCounts()[1];
        Assert.Equal((4, 1, 0), (shadow.Allowed, shadow.ShadowLimited, shadow.Delayed));
        System.Threading.RateLimiting.RateLimiterStatistics statistics = limiter.GetStatistics(A)!;
        Assert.Equal((4, 1), (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
    }

    [Fact]
    public async Task A_lease_can_be_waited_for()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1, maxWaitSeconds: 1));
        limiter.Decide(A);
        ValueTask<System.Threading.RateLimiting.RateLimitLease> passes = limiter.AcquireAsync(A, 1, TestContext.Current.CancellationToken);
        using CancellationTokenSource cancellation = new();
        ValueTask<System.Threading.RateLimiting.RateLimitLease> cancelled = limiter.AcquireAsync(A, 1, cancellation.Token);
        ValueTask<System.Threading.RateLimiting.RateLimitLease> late = limiter.AcquireAsync(A, 1, TestContext.Current.CancellationToken);
        Assert.False(passes.IsCompleted);
        await cancellation.CancelAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await passes).IsAcquired);
        Assert.False((await late).IsAcquired);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled);
    }

    [Fact]
    public void Many_keys_leave_nothing_behind()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1, maxWaitSeconds: 3_600));
        List<WeakReference> calls = [];
        for (int i = 0; i < 1_000; i++)
        {
            calls.Add(Wait(limiter, $"{i}"));
        }

        Assert.Equal((2_000, 1_000), (limiter.QueuedCount, limiter.QueuedKeyCount));
        for (int left = 1_000; left >= 0; left -= 1_000)
        {
            // A thread that has had enough leaves the rest to the thread pool.
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(SpinWait.SpinUntil(() => limiter.QueuedCount == left, TimeSpan.FromSeconds(30)));
        }

        GC.Collect();
        Assert.Equal(0, limiter.QueuedKeyCount);
        Assert.DoesNotContain(calls, c => c.IsAlive);

        static WeakReference Wait(QuotaLimiter<Call> limiter, string ip)
        {
            Call call = new(ip);
            limiter.Decide(call);
            _ = limiter.Ask(call);
            _ = limiter.Ask(call);
            return new WeakReference(call);
        }
    }

    [Fact]
    public void One_who_waits_under_an_override_passes_when_it_ends()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Queued.Window("r", 1_000));
        options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["a"], Limit = 1, ExpiresAt = _time.GetUtcNow().AddSeconds(2) });
        using QuotaLimiter<Call> limiter = new(options);
        limiter.Decide(A);
        Task<QuotaDecision> waiting = limiter.Ask(A);
        _time.Advance(TimeSpan.FromMilliseconds(1_999));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(waiting.Decided().IsAllowed);
    }

    [Fact]
    public void One_whose_key_is_another_each_time_neither_runs_on_nor_holds_up_others()
    {
        int asked = 0;
        QuotaLimiterOptions<Call> options = Call.Options(_time, Queued.Bucket("r", 1) with { Key = ["turns"] }, Queued.Bucket("s", 1) with { Key = ["path"] });
        options.KeySources.Add("turns", call => call.Ip == "turning" ? $"{asked++ % 2}" : call.Ip);
        using QuotaLimiter<Call> limiter = new(options);
        limiter.Decide(new Call("turning", "/1"));
        limiter.Decide(new Call("turning", "/2"));
        Task<QuotaDecision> turning = limiter.Ask(new Call("turning", "/3"));
        Assert.InRange(asked, 2, 100);
        limiter.Decide(B);
        Task<QuotaDecision> waiting = limiter.Ask(B);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(waiting.Decided().IsAllowed);
        Assert.InRange(asked, 2, 200);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(turning.IsCompleted);
    }
}

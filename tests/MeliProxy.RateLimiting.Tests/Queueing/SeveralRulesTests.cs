using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Queueing;

/// <summary>Which rules let a resource wait, and what happens when permits come back or rules change.</summary>
public class SeveralRulesTests
{
    private static readonly Call A = new("a");
    private static readonly Call B = new("b");
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Nobody_waits_where_a_rule_without_a_queue_rejects_too()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1), Call.Hour("s", 1));
        limiter.Decide(A);
        Assert.Equal(["r", "s"], limiter.Ask(A).Decided().ViolatedRules);
    }

    [Fact]
    public void Nobody_waits_for_a_deny_list_a_block_or_a_rule_that_cannot_judge()
    {
        QuotaLimiterOptions<Call> options = Call.Options(
            _time,
            Queued.Bucket("zero", 0) with { Key = ["path"], Match = new RuleMatch { Path = "/zero" } },
            Queued.Bucket("denies", 1) with { Deny = ["ip=denied"] },
            Queued.Bucket("blocks", 1),
            Queued.Bucket("fails", 1) with { Key = ["throws"], OnError = RuleErrorBehavior.Closed, Match = new RuleMatch { Path = "/throws" } });
        options.Overrides.Add(new RuleOverride { Rule = "blocks", Key = ["blocked"], Limit = 0 });
        options.KeySources.Add("throws", _ => throw new InvalidOperationException());
        using QuotaLimiter<Call> limiter = new(options);
        Assert.Equal(["zero"], limiter.Ask(new Call("a", "/zero")).Decided().ViolatedRules);
        Assert.Equal(["denies"], limiter.Ask(new Call("denied")).Decided().ViolatedRules);
        Assert.Equal(["blocks"], limiter.Ask(new Call("blocked")).Decided().ViolatedRules);
        Assert.Equal(["fails"], limiter.Ask(new Call("c", "/throws")).Decided().ViolatedRules);
    }

    [Theory]
    [InlineData(KeyCapBehavior.Reject)]
    [InlineData(KeyCapBehavior.Overflow)]
    public void Nobody_waits_for_room_in_the_table(KeyCapBehavior atCap)
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Queued.Window("r", 1));
        options.MaxKeys = 1;
        options.KeyCap = atCap;
        using QuotaLimiter<Call> limiter = new(options);
        Assert.True(limiter.Decide(A).IsAllowed);
        Assert.False(limiter.Ask(A).IsCompleted);
        if (atCap == KeyCapBehavior.Overflow)
        {
            Assert.True(limiter.Ask(B).Decided().IsAllowed);
        }

        Assert.False(limiter.Ask(B).Decided().IsAllowed);
    }

    [Fact]
    public void Shadow_rules_neither_let_wait_nor_keep_from_waiting()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(
            _time, Queued.Bucket("shadow", 1) with { Mode = RuleMode.Shadow }, Queued.Bucket("r", 2), Call.Hour("s", 1) with { EnforcePercent = 0 });
        Assert.True(limiter.Ask(A).Decided().IsAllowed);
        Assert.True(limiter.Ask(A).Decided().IsAllowed);
        Task<QuotaDecision> waiting = limiter.Ask(A);
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(waiting.Decided().IsAllowed);
    }

    [Fact]
    public void One_waits_for_the_rule_that_takes_longest_and_does_not_hold_up_those_who_wait_for_the_other()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(
            _time, Queued.Bucket("short", 1) with { Key = ["global"] }, Queued.Window("long", 1));
        limiter.Decide(A);
        Task<QuotaDecision> waitsForLong = limiter.Ask(A);
        Task<QuotaDecision> waitsForShort = limiter.Ask(B);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(waitsForShort.Decided().IsAllowed);
        Assert.False(waitsForLong.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.True(waitsForLong.Decided().IsAllowed);
        Assert.Equal([1, 1], limiter.GetRuleCounts().Select(c => c.Delayed));
    }

    [Fact]
    public void Having_waited_for_one_rule_it_waits_for_another_behind_those_who_do_and_no_longer_in_all()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(
            _time,
            Queued.Window("window", 1, maxWaitSeconds: 12),
            Queued.Bucket("bucket", 1, maxWaitSeconds: 12) with { Key = ["global"], Window = TimeSpan.FromSeconds(6) });
        limiter.Decide(A);
        Task<QuotaDecision> moves = limiter.Ask(A);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.True(limiter.Decide(B).IsAllowed);
        Task<QuotaDecision> waits = limiter.Ask(new Call("c"));
        Assert.Equal(2, limiter.QueuedKeyCount);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((2, 1), (limiter.QueuedCount, limiter.QueuedKeyCount));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["bucket"], moves.Decided().ViolatedRules);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.True(waits.Decided().IsAllowed);
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
        Assert.Equal([0, 1], limiter.GetRuleCounts().Select(c => c.Limited));
    }

    [Fact]
    public void Having_waited_for_one_rule_it_is_rejected_by_another_without_a_queue()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 1), Call.Hour("s", 1) with { Key = ["path"] });
        limiter.Decide(new Call("a", "/x"));
        Task<QuotaDecision> waiting = limiter.Ask(new Call("a", "/y"));
        limiter.Decide(new Call("b", "/y"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["s"], waiting.Decided().ViolatedRules);
        Assert.Equal([0, 1], limiter.GetRuleCounts().Select(c => c.Limited));
    }

    [Fact]
    public void Those_who_wait_for_each_others_rules_do_not_hold_each_other_up()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(
            _time, Queued.Window("ip", 2), Queued.Window("path", 2) with { Key = ["path"] });
        limiter.Decide(new Call("a", "/other"), 2);
        limiter.Decide(new Call("other", "/x"), 2);
        Task<QuotaDecision>[] waiting =
        [
            .. Enumerable.Range(0, 6).Select(i => limiter.Ask(i % 2 == 0 ? new Call("a", "/x") : new Call("b", "/x"))),
            .. Enumerable.Range(0, 6).Select(_ => limiter.Ask(new Call("a", "/y"))),
        ];
        for (int window = 0; window < 6; window++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(0, limiter.QueuedCount);
        Assert.InRange(waiting.Count(w => w.Decided().IsAllowed), 10, 12);
    }

    [Fact]
    public void One_who_waits_passes_at_once_when_a_permit_is_released()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Concurrency("r", 2));
        QuotaDecision two = limiter.Decide(A, 2);
        Task<QuotaDecision>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => limiter.Ask(A))];
        Assert.False(limiter.Decide(A).IsAllowed);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.DoesNotContain(waiting, w => w.IsCompleted);

        two.Dispose();
        Assert.Equal([true, true, false], waiting.Select(w => w.IsCompleted));
        waiting[1].Decided().Dispose();
        waiting[2].Decided().Dispose();
        waiting[0].Decided().Dispose();
        Assert.Equal(2, Assert.Single(limiter.Explain(A)).Remaining);
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
    }

    [Fact]
    public void One_who_waits_for_a_release_is_rejected_at_its_deadline()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Concurrency("r", 1, maxWaitSeconds: 2));
        using QuotaDecision held = limiter.Decide(A);
        Task<QuotaDecision> waiting = limiter.Ask(A);
        _time.Advance(TimeSpan.FromMilliseconds(1_999));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.Decided().IsAllowed);
    }

    [Fact]
    public void One_who_waits_passes_at_once_when_permits_are_given_back()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Bucket("r", 2));
        using QuotaDecision two = limiter.Decide(A, 2, isRefundable: true);
        Task<QuotaDecision>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => limiter.Ask(A))];
        two.Refund();
        Assert.Equal([true, true, false], waiting.Select(w => w.IsCompleted));
        using QuotaDecision third = limiter.Ask(B, isRefundable: true).Decided();
        Assert.True(third.IsUnsettled);
    }

    [Fact]
    public void Those_who_wait_are_decided_by_new_rules()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Window("r", 1));
        limiter.Decide(A);
        Task<QuotaDecision>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => limiter.Ask(A))];
        limiter.Update(new RuleSet([Queued.Window("r", 3)]));
        Assert.Equal([true, true, false], waiting.Select(w => w.IsCompleted));

        limiter.Update(new RuleSet([Queued.Bucket("r", 1)]));
        Assert.True(waiting[2].Decided().IsAllowed);
        Task<QuotaDecision> last = limiter.Ask(A);
        Assert.False(last.IsCompleted);
        limiter.Update(new RuleSet([Call.Bucket("r", 1)]));
        Assert.False(last.Decided().IsAllowed);
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
    }

    [Fact]
    public void Those_who_wait_stay_in_order_when_their_rule_counts_anew()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Window("r", 1));
        limiter.Decide(A);
        Task<QuotaDecision>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => limiter.Ask(A))];
        limiter.Update(new RuleSet([Queued.Bucket("r", 1)]));
        for (int passed = 1; passed <= 3; passed++)
        {
            Assert.Equal(passed, waiting.TakeWhile(w => w.IsCompleted).Count());
            Assert.Equal(3 - passed, limiter.QueuedCount);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void An_override_that_leaves_a_key_alone_does_not_make_it_wait()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Queued.Bucket("r", 1), Queued.Window("s", 1) with { Key = ["global"] });
        options.Overrides.Add(new RuleOverride { Rule = "s", Key = [""], Limit = null });
        options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["b"], Limit = 2, Burst = 1 });
        using QuotaLimiter<Call> limiter = new(options);
        Assert.True(limiter.Decide(B).IsAllowed);
        Task<QuotaDecision> waiting = limiter.Ask(B);
        Assert.True(limiter.Decide(A).IsAllowed);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(waiting.Decided().IsAllowed);
    }

    [Fact]
    public async Task An_answer_is_not_continued_by_the_thread_that_releases()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Concurrency("r", 1));
        QuotaDecision held = limiter.Decide(A);
        using ManualResetEventSlim released = new();
        Task<bool> continuation = limiter.Ask(A).ContinueWith(
            _ => released.Wait(TimeSpan.FromSeconds(30)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        held.Dispose();
        released.Set();
        Assert.True(await continuation);
    }
}

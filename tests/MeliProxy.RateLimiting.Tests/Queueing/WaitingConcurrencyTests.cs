using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Queueing;

/// <summary>Many at once. The clock stands still unless a test moves it, so a wake-up that is lost is never made up for.</summary>
public class WaitingConcurrencyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1, 8)]
    [InlineData(3, 16)]
    public async Task No_more_hold_permits_than_there_are_and_everyone_passes(int limit, int callers)
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Concurrency("r", limit, maxWaitSeconds: 3_600));
        Call call = new("a");
        QuotaDecision[] first = [.. Enumerable.Range(0, limit).Select(_ => limiter.Decide(call))];
        int held = 0;
        Task all = Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                for (int i = 0; i < 2_000; i++)
                {
                    using QuotaDecision decision = await limiter.DecideAsync(call);
                    Assert.True(decision.IsAllowed);
                    Assert.InRange(Interlocked.Increment(ref held), 1, limit);
                    if (i % 7 == caller % 7)
                    {
                        await Task.Yield();
                    }

                    Interlocked.Decrement(ref held);
                }
            },
            TestContext.Current.CancellationToken)));

        // How often they are in each other's way afterwards is up to the machine.
        Assert.True(SpinWait.SpinUntil(() => limiter.QueuedCount == callers, Patience));
        Array.ForEach(first, decision => decision.Dispose());
        await all.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(limit, Assert.Single(limiter.Explain(call)).Remaining);
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
        RuleCounts counts = Assert.Single(limiter.GetRuleCounts());
        Assert.Equal((limit + (callers * 2_000), 0), (counts.Allowed, counts.Limited));
        Assert.InRange(counts.Delayed, callers, callers * 2_000);
    }

    /// <summary>Each attempt is one chance to lose the wake-up: one begins to wait while the only permit is released.</summary>
    [Fact]
    public void A_release_while_one_begins_to_wait_is_not_lost()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(_time, Queued.Concurrency("r", 1, maxWaitSeconds: 3_600));
        Call call = new("a");
        const int Attempts = 5_000;
        QuotaDecision[] held = new QuotaDecision[1];
        Task<QuotaDecision>[] waiting = new Task<QuotaDecision>[1];
        using Barrier barrier = new(2);
        Together.Run(2, thread =>
        {
            for (int i = 0; i < Attempts; i++)
            {
                if (thread == 0)
                {
                    held[0] = limiter.Decide(call);
                    Assert.True(held[0].IsAllowed);
                }

                Assert.True(barrier.SignalAndWait(Patience));
                if (thread == 0)
                {
                    held[0].Dispose();
                }
                else
                {
                    waiting[0] = limiter.Ask(call);
                }

                Assert.True(barrier.SignalAndWait(Patience));
                if (thread == 0)
                {
                    // What another thread has found to do it may be doing still.
                    Assert.True(SpinWait.SpinUntil(() => waiting[0].IsCompleted, Patience));
                    waiting[0].Decided().Dispose();
                }
            }
        });
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
    }

    [Fact]
    public async Task Cancellations_at_any_moment_lose_no_permit_and_no_wake_up()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(
            _time,
            Queued.Concurrency("r", 2, maxWaitSeconds: 3_600),
            Queued.Concurrency("s", 3, maxWaitSeconds: 3_600) with { Key = ["path"] });
        int passed = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(
            async () =>
            {
                Random random = new(caller);
                for (int i = 0; i < 2_000; i++)
                {
                    Call call = new($"{random.Next(3)}", $"{random.Next(2)}");
                    using CancellationTokenSource cancellation = new();
                    Task<QuotaDecision> asked = limiter.AskUntil(call, 1, cancellation.Token);
                    if (random.Next(3) == 0)
                    {
                        await Task.Yield();
                        await cancellation.CancelAsync();
                    }

                    try
                    {
                        using QuotaDecision decision = await asked;
                        Assert.True(decision.IsAllowed);
                        Interlocked.Increment(ref passed);
                        await Task.Yield();
                    }
                    catch (OperationCanceledException)
                    {
                        Assert.True(cancellation.IsCancellationRequested);
                    }
                }
            },
            TestContext.Current.CancellationToken))).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
        Assert.All(
            from ip in Enumerable.Range(0, 3) from path in Enumerable.Range(0, 2) select new Call($"{ip}", $"{path}"),
            call => Assert.Equal([2, 3], limiter.Explain(call).Select(e => e.Remaining)));
        Assert.Equal(passed, limiter.GetStatistics(new Call("0"))!.TotalSuccessfulLeases);
        Assert.Equal(0, limiter.GetStatistics(new Call("0"))!.TotalFailedLeases);
    }

    [Fact]
    public async Task Time_passing_rule_changes_and_disposal_at_any_moment_leave_nobody_waiting()
    {
        for (int round = 0; round < 20; round++)
        {
            FakeTimeProvider time = new();
            QuotaLimiter<Call> limiter = Call.Limiter(time, Queued.Window("r", 2, maxWaitSeconds: 30));
            Task[] callers = [.. Enumerable.Range(0, 6).Select(caller => Task.Run(
                async () =>
                {
                    for (int i = 0; i < 200; i++)
                    {
                        await limiter.DecideAsync(new Call($"{(i + caller) % 2}"), 1 + (i % 2));
                    }
                },
                TestContext.Current.CancellationToken))];
            for (int i = 0; i < 100; i++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                if (i % 10 == 5)
                {
                    limiter.Update(new RuleSet([i % 20 == 5 ? Queued.Bucket("r", 2) : Queued.Window("r", 2)]));
                }

                await Task.Yield();
            }

            await limiter.DisposeAsync();
            await Task.WhenAll(callers).WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.Equal((0, 0), (limiter.QueuedCount, limiter.QueuedKeyCount));
        }
    }
}

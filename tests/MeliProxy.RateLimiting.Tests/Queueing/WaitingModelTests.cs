using CsCheck;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Queueing;

/// <summary>Arrivals, cancellations and time passing at random, against a model: who passes, when, and who is rejected, when.</summary>
public class WaitingModelTests
{
    private static readonly Gen<RateLimitRule> Rule =
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 40], Gen.Bool, Gen.Int[1, 200], Gen.Int[1, 6])
            .Select((limit, interval, window, maxWait, queue) => new RateLimitRule
            {
                Name = "r",
                Key = ["ip"],
                Limit = limit,
                Window = TimeSpan.FromMilliseconds(limit * interval),
                Algorithm = window ? RateLimitAlgorithm.FixedWindow : RateLimitAlgorithm.TokenBucket,
                Queue = new RuleQueue { Limit = queue, MaxWait = TimeSpan.FromMilliseconds(maxWait) },
            });

    private static readonly Gen<Step> AnyStep = Gen.Select(
        Gen.OneOfConst("a", "a", "b"),
        Gen.OneOf(Gen.Const(1), Gen.Int[0, 4]),
        Gen.OneOfConst(StepKind.Ask, StepKind.Ask, StepKind.Ask, StepKind.Decide, StepKind.Cancel),
        Gen.OneOf(Gen.Const(0), Gen.Int[0, 30], Gen.Int[0, 300]),
        Gen.Int[0, 100],
        (ip, permits, kind, milliseconds, which) => new Step(ip, permits, kind, milliseconds, which));

    private enum StepKind
    {
        Ask,
        Decide,
        Cancel,
    }

    [Fact]
    public void Each_passes_at_the_first_moment_it_can_in_order_of_arrival_or_is_rejected_at_its_deadline() =>
        Gen.Select(Rule, AnyStep.Array[1, 60], Gen.Int[1, 8], Gen.Bool).Sample(
            (rule, steps, maxQueued, jumps) =>
            {
                FakeTimeProvider time = new();
                QuotaLimiterOptions<Call> options = Call.Options(time, rule);
                options.MaxQueued = maxQueued;
                options.MaxKeys = 10;
                using QuotaLimiter<Call> limiter = new(options);
                QueueModel model = new(rule, maxQueued, time.GetUtcNow());
                List<(Task<QuotaDecision> Task, CancellationTokenSource Cancellation)> asked = [];
                foreach (Step step in steps)
                {
                    // One jump, as when the timer is late; or each millisecond, so that nothing can happen at another one.
                    for (int left = step.Milliseconds; left > 0;)
                    {
                        int by = jumps ? left : 1;
                        left -= by;
                        time.Advance(TimeSpan.FromMilliseconds(by));
                        model.PassTo(time.GetUtcNow());
                        Assert.Equal(model.Outcomes, asked.Select(a => OutcomeOf(a.Task)));
                    }

                    Call call = new(step.Ip);
                    switch (step.Kind)
                    {
                        case StepKind.Decide:
                            Assert.Equal(model.Decide(step.Ip, step.Permits), limiter.Decide(call, step.Permits).IsAllowed);
                            break;
                        case StepKind.Ask:
                            CancellationTokenSource cancellation = new();
                            asked.Add((limiter.AskUntil(call, step.Permits, cancellation.Token), cancellation));
                            model.Ask(step.Ip, step.Permits);
                            break;
                        case StepKind.Cancel when asked.Count > 0:
                            asked[step.Which % asked.Count].Cancellation.Cancel();
                            model.Cancel(step.Which % asked.Count);
                            break;
                    }

                    Assert.Equal(model.Outcomes, asked.Select(a => OutcomeOf(a.Task)));
                    Assert.Equal((model.Waiting, model.WaitingKeys), (limiter.QueuedCount, limiter.QueuedKeyCount));
                }

                RuleCounts counts = Assert.Single(limiter.GetRuleCounts());
                Assert.Equal((model.Allowed, model.Limited, model.Delayed), (counts.Allowed, counts.Limited, counts.Delayed));
            },
            iter: 500);

    private static Outcome OutcomeOf(Task<QuotaDecision> task) =>
        !task.IsCompleted ? Outcome.Waits
        : task.IsCanceled ? Outcome.Cancelled
        : task.GetAwaiter().GetResult().IsAllowed ? Outcome.Passed
        : Outcome.Rejected;

    private sealed record Step(string Ip, int Permits, StepKind Kind, int Milliseconds, int Which);
}

using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Queueing;

public class WaitingAllocationTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Those_who_need_not_wait_and_those_who_cannot_allocate_nothing()
    {
        using QuotaLimiter<Call> limiter = Call.Limiter(
            _time, Queued.Bucket("r", 1_000_000), Queued.Bucket("s", 1, queue: 1) with { Match = new RuleMatch { Path = "/full" } });
        Call passes = new("a");
        Call full = new("b", "/full");
        limiter.Decide(full);
        limiter.Ask(full);
        for (int run = 0; ; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool all = true;
            for (int i = 0; i < 500; i++)
            {
                all &= IsAllowed(limiter, passes) && !IsAllowed(limiter, full) && !limiter.Decide(full).IsAllowed;
            }

            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(all);
            if (bytes == 0)
            {
                break;
            }

            // A collection caused by another test can make the figure of one run too high.
            Assert.True(run < 5, $"{bytes} bytes");
        }

        static bool IsAllowed(QuotaLimiter<Call> limiter, Call call)
        {
            ValueTask<QuotaDecision> decision = limiter.DecideAsync(call, cancellationToken: CancellationToken.None);
            Assert.True(decision.IsCompletedSuccessfully);
            return decision.Result.IsAllowed;
        }
    }
}

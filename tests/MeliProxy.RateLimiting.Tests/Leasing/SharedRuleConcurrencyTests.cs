using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>Decisions on real threads while another one drives the sharing; and what decisions allocate.</summary>
public class SharedRuleConcurrencyTests
{
    [Theory]
    [InlineData(ColdStartBehavior.Wait, 0)]
    [InlineData(ColdStartBehavior.Optimistic, 2)]
    public void No_more_is_spent_than_granted_and_allowed(ColdStartBehavior coldStart, int allowances)
    {
        const int Threads = 3;
        const long Limit = 20_000;
        Domain domain = new(2, Domain.Rule with { Limit = Limit, ColdStart = coldStart });
        long admitted = 0;
        int running = Threads;
        Together.Run(Threads + 1, thread =>
        {
            if (thread == Threads)
            {
                while (Volatile.Read(ref running) > 0)
                {
                    domain.PassMilliseconds(5);
                }

                return;
            }

            for (int i = 0; i < 60_000; i++)
            {
                using QuotaDecision decision = domain[i % 2].Limiter.Decide(new Call("k"), 1, isRefundable: i % 5 == 0);
                if (decision.IsAllowed && i % 5 == 0)
                {
                    decision.Refund();
                }
                else if (decision.IsAllowed)
                {
                    Interlocked.Increment(ref admitted);
                }
            }

            Interlocked.Decrement(ref running);
        });

        for (int i = 0; i < 400; i++)
        {
            admitted += domain[0].Admit(200) + domain[1].Admit(200);
            domain.PassMilliseconds(25);
        }

        long allowed = allowances * (Limit / 20);
        Assert.InRange(admitted, Limit * 99 / 100, Limit + allowed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_decision_on_a_lease_allocates_nothing(bool canWait)
    {
        Domain domain = new(2, Domain.Rule with { Limit = 1_000_000_000, Window = TimeSpan.FromHours(1) });
        domain.AdmitAtMost(domain[1], 20_000);
        QuotaLimiter<Call> limiter = domain[1].Limiter;
        Call call = new("k");
        Assert.True(domain[1].Held > 3_000);
        long fewest = long.MaxValue;
        bool all = true;
        for (int run = 0; run < 5; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 500; i++)
            {
                all &= Decide(limiter, call, canWait);
            }

            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.True(all);
        Assert.Equal(0, fewest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_rejection_for_want_of_permits_allocates_nothing_once_it_is_told(bool canWait)
    {
        Domain domain = new(2, Domain.Rule);
        domain.AdmitAtMost(domain[1], 1_000);
        QuotaLimiter<Call> limiter = domain[1].Limiter;
        Call call = new("k");
        limiter.Decide(call);
        long fewest = long.MaxValue;
        bool any = false;
        for (int run = 0; run < 5; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 500; i++)
            {
                any |= Decide(limiter, call, canWait);
            }

            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.False(any);
        Assert.Equal(0, fewest);
    }

    private static bool Decide(QuotaLimiter<Call> limiter, Call call, bool canWait)
    {
        if (!canWait)
        {
            return limiter.Decide(call).IsAllowed;
        }

        ValueTask<QuotaDecision> decision = limiter.DecideAsync(call);
        return decision.IsCompletedSuccessfully ? decision.Result.IsAllowed : throw new InvalidOperationException("It waits.");
    }
}

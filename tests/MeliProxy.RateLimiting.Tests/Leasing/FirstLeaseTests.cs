using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>Waiting for the first lease of a key, where its rule says to wait.</summary>
public class FirstLeaseTests
{
    private const int LongestWait = 250;

    [Fact]
    public void The_first_use_waits_for_the_lease()
    {
        Domain domain = new(2, Domain.Rule);
        Task<QuotaDecision> decision = Ask(domain[1]);
        Assert.False(decision.IsCompleted);
        domain.PassMilliseconds(100);
        Assert.True(IsAllowed(decision));
        Assert.Equal(0, domain[1].Limiter.QueuedCount);
    }

    [Fact]
    public void All_that_come_at_once_wait_for_it()
    {
        Domain domain = new(2, Domain.Rule);
        Task<QuotaDecision>[] decisions = [.. Enumerable.Range(0, 80).Select(_ => Ask(domain[1]))];
        domain.PassMilliseconds(200);
        Assert.Equal(80, decisions.Count(IsAllowed));
    }

    [Fact]
    public void Who_comes_so_rarely_that_the_key_is_forgotten_is_served_each_time()
    {
        Domain domain = new(2, Domain.Rule with { Algorithm = RateLimitAlgorithm.TokenBucket });
        for (int i = 0; i < 5; i++)
        {
            Task<QuotaDecision> decision = Ask(domain[1]);
            domain.PassMilliseconds(200);
            Assert.True(IsAllowed(decision));
            domain.Pass(TimeSpan.FromSeconds(12));
            Assert.Equal(0, domain[1].Sharing.GetStatus().LeasedKeys);
        }
    }

    [Fact]
    public void One_that_does_not_wait_is_rejected()
    {
        Domain domain = new(2, Domain.Rule);
        Assert.False(domain[1].Limiter.Decide(new Call("k")).IsAllowed);
    }

    [Fact]
    public void Nobody_waits_longer_than_for_a_moment()
    {
        Domain domain = new(2, Domain.Rule);
        domain[1].IsReachable = false;
        Task<QuotaDecision> decision = Ask(domain[1]);
        domain.PassMilliseconds(LongestWait - 10);
        Assert.False(decision.IsCompleted);
        domain.PassMilliseconds(20);
        Assert.False(IsAllowed(decision));
    }

    [Theory]
    [InlineData(PartitionBehavior.Closed, false)]
    [InlineData(PartitionBehavior.Share, true)]
    public void Nobody_waits_who_is_cut_off(PartitionBehavior behavior, bool isAllowed)
    {
        Domain domain = new(2, Domain.Rule with { OnPartition = behavior });
        domain[1].IsReachable = false;
        Task<QuotaDecision> before = Ask(domain[1]);
        Assert.False(before.IsCompleted);
        domain[1].Sharing.SetConnected(false);
        domain[1].Sharing.Tick();
        Assert.Equal(isAllowed, IsAllowed(before));
        Assert.Equal(isAllowed, IsAllowed(Ask(domain[1])));
    }

    [Fact]
    public void Of_a_key_that_has_a_lease_nobody_waits()
    {
        Domain domain = new(2, Domain.Rule);
        Assert.Equal(60, domain.AdmitAtMost(domain[1], 60));
        Assert.True(IsAllowed(Ask(domain[1])));
        while (IsAllowed(Ask(domain[1])))
        {
        }

        domain.Pass(TimeSpan.FromSeconds(1));
        domain.AdmitAtMost(domain[1], 100);
        Assert.False(IsAllowed(Ask(domain[1])));
    }

    [Fact]
    public void Of_a_key_that_is_used_up_elsewhere_it_is_rejected_when_that_is_known()
    {
        Domain domain = new(2, Domain.Rule);
        Assert.Equal(100, domain.AdmitAtMost(domain[0], 200));
        Task<QuotaDecision> decision = Ask(domain[1]);
        Assert.False(decision.IsCompleted);
        domain.PassMilliseconds(50);
        Assert.False(IsAllowed(decision));
        Assert.False(IsAllowed(Ask(domain[1])));
    }

    [Fact]
    public void No_more_wait_than_the_limiter_has_room_for()
    {
        Domain domain = new(2, Domain.Rule, options => options.MaxQueued = 2);
        Task<QuotaDecision>[] decisions = [.. Enumerable.Range(0, 3).Select(i => Ask(domain[1], $"k{i}"))];
        Assert.False(IsAllowed(decisions[2]));
        domain.PassMilliseconds(200);
        Assert.True(IsAllowed(decisions[0]) && IsAllowed(decisions[1]));
    }

    private static Task<QuotaDecision> Ask(Member member, string ip = "k") => member.Limiter.DecideAsync(new Call(ip)).AsTask();

    private static bool IsAllowed(Task<QuotaDecision> decision)
    {
        Assert.True(decision.IsCompleted);
        return decision.GetAwaiter().GetResult().IsAllowed;
    }
}

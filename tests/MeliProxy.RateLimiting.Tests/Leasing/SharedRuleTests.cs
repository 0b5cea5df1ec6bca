using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>What a rule does when it is shared, as its users see it.</summary>
public class SharedRuleTests
{
    private static readonly RateLimitRule Rule = Domain.Rule;

    [Fact]
    public void All_members_together_admit_the_limit()
    {
        Domain domain = new(3, Rule);
        int admitted = 0;
        for (int i = 0; i < 100; i++)
        {
            admitted += domain.Members.Sum(m => m.Admit(3));
            domain.PassMilliseconds(25);
        }

        Assert.Equal(100, admitted);
    }

    [Fact]
    public void A_key_that_waits_gets_its_first_permits_from_the_ledger()
    {
        Domain domain = new(2, Rule);
        Assert.Equal(0, domain[1].Admit(1));
        domain.PassMilliseconds(100);
        Assert.Equal(1, domain[1].Admit(1));
    }

    [Fact]
    public async Task One_who_can_wait_is_served_by_the_first_lease()
    {
        Domain domain = new(2, Rule with { Queue = new RuleQueue { Limit = 10, MaxWait = TimeSpan.FromSeconds(5) } });
        ValueTask<QuotaDecision> decision = domain[1].Limiter.DecideAsync(new Call("k"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(decision.IsCompleted);
        domain.PassMilliseconds(200);
        Assert.True((await decision.AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).IsAllowed);
    }

    [Fact]
    public void Costs_are_taken_whole()
    {
        Domain domain = new(2, Rule with { Cost = 7 });
        Assert.Equal(14, domain.AdmitAtMost(domain[0], 100) + domain.AdmitAtMost(domain[1], 100));
    }

    [Fact]
    public void A_charge_counts_for_all_members()
    {
        Domain domain = new(2, Rule with { Charge = "c" });
        domain.AdmitAtMost(domain[0], 1);
        using (QuotaDecision decision = domain[0].Limiter.Decide(new Call("k")))
        {
            Assert.True(decision.IsAllowed);
            decision.Charge("c", 60);
        }

        domain.PassMilliseconds(300);
        Assert.Equal(38, domain.AdmitAtMost(domain[1], 100));
    }

    [Fact]
    public void A_debt_is_one_of_all_members()
    {
        Domain domain = new(2, Rule with { Charge = "c" });
        domain.AdmitAtMost(domain[0], 1);
        using (QuotaDecision decision = domain[0].Limiter.Decide(new Call("k")))
        {
            decision.Charge("c", 1_000);
        }

        domain.PassMilliseconds(300);
        Assert.Equal(0, domain.AdmitAtMost(domain[1], 10));
        Assert.Equal(0, domain.AdmitAtMost(domain[0], 10));
    }

    [Fact]
    public void What_is_refunded_can_be_used_by_others()
    {
        Domain domain = new(2, Rule);
        domain.AdmitAtMost(domain[0], 1);
        QuotaDecision decision = domain[0].Limiter.Decide(new Call("k"), 1, isRefundable: true);
        Assert.True(decision.IsAllowed);
        decision.Refund();
        decision.Dispose();
        domain.Pass(TimeSpan.FromSeconds(12));
        Assert.Equal(99, domain.AdmitAtMost(domain[1], 200));
    }

    [Fact]
    public void An_override_is_shared_like_the_limit()
    {
        Domain domain = new(2, Rule, options => options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["few"], Limit = 10 }));
        Assert.Equal(4, domain.AdmitAtMost(domain[0], 4, "few"));
        Assert.Equal(6, domain.AdmitAtMost(domain[1], 20, "few"));
        Assert.Equal(50, domain.AdmitAtMost(domain[1], 50, "many"));
    }

    [Fact]
    public void A_block_needs_nobody()
    {
        Domain domain = new(1, Rule, options => options.Overrides.Add(new RuleOverride { Rule = "r", Key = ["blocked"], Limit = 0 }));
        Assert.Equal(0, domain.AdmitAtMost(domain[0], 10, "blocked"));
        Assert.Equal(0, domain[0].Sharing.GetStatus().LeasedKeys);
    }

    [Theory]
    [InlineData(100, 250)]
    [InlineData(100, 60)]
    public void A_limit_that_changes_keeps_what_was_used(long before, long after)
    {
        Domain domain = new(2, Rule with { Limit = before });
        Assert.Equal(25, domain.AdmitAtMost(domain[0], 25));
        Assert.Equal(25, domain.AdmitAtMost(domain[1], 25));
        foreach (Member member in domain.Members)
        {
            member.Limiter.Update(new RuleSet([Rule with { Limit = after }]));
        }

        domain.PassMilliseconds(500);
        int more = domain.AdmitAtMost(domain[0], 1_000) + domain.AdmitAtMost(domain[1], 1_000);
        Assert.Equal(after - 50, more);
    }

    [Fact]
    public void Who_leaves_hands_back()
    {
        Domain domain = new(3, Rule);
        Member leaver = domain.Members.First(m => !m.OwnsKeys && m != domain[0]);
        domain.AdmitAtMost(leaver, 10);
        Member stays = domain.Members.First(m => m != leaver);
        Assert.True(leaver.Held > 0);
        leaver.Sharing.Leave();
        domain.Bus.Deliver();
        Assert.Equal(0, leaver.Held);
        Assert.Equal(90, domain.AdmitAtMost(stays, 200, seconds: 6));
    }

    [Fact]
    public void An_owner_that_leaves_takes_nothing_with_it()
    {
        Domain domain = new(3, Rule);
        Assert.Equal(30, domain.AdmitAtMost(domain[0], 30));
        Member owner = domain.Members.Single(m => m.OwnsKeys);
        owner.Sharing.Leave();
        domain.Bus.Deliver();
        owner.IsReachable = false;
        Member stays = domain.Members.First(m => m != owner);
        Assert.Equal(70, domain.AdmitAtMost(stays, 200, seconds: 6));
    }

    [Fact]
    public void Keys_seen_once_cause_no_message()
    {
        Domain domain = new(2, Rule with
        {
            ColdStart = ColdStartBehavior.Optimistic, Algorithm = RateLimitAlgorithm.TokenBucket, Limit = 1_000, Window = TimeSpan.FromSeconds(1),
        });
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(domain[1].Limiter.Decide(new Call($"sprayed-{i}")).IsAllowed);
        }

        int before = domain.Bus.Reports;
        domain.PassMilliseconds(500);

        // All that is told is who is there.
        Assert.InRange(domain.Bus.Reports - before, 0, 2);
        Assert.Equal(0, domain[1].Sharing.GetStatus().LeasedKeys);
    }

    [Fact]
    public void An_empty_key_has_no_allowance_again_when_its_lease_has_ended()
    {
        Domain domain = new(2, Rule with { ColdStart = ColdStartBehavior.Optimistic });
        int admitted = domain.AdmitAtMost(domain[1], 500);
        Assert.InRange(admitted, 100, 105);
        for (int i = 0; i < 10; i++)
        {
            domain.Pass(TimeSpan.FromSeconds(13));
            Assert.Equal(0, domain[1].Admit(3));
        }
    }
}

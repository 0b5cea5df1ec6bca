using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>What a member does that is cut off from the others.</summary>
public class CutOffTests
{
    private static readonly RateLimitRule Rule = Domain.Rule with { Algorithm = RateLimitAlgorithm.TokenBucket, Limit = 100 };

    [Theory]
    [InlineData(PartitionBehavior.Share, 50)]
    [InlineData(PartitionBehavior.Local, 100)]
    public void Of_long_windows_it_tells_afterwards_what_it_used_meanwhile(PartitionBehavior behavior, int most)
    {
        Domain domain = new(2, Domain.Rule with { OnPartition = behavior });
        Member other = domain[0];
        Member cutOff = domain[1];
        domain.AdmitAtMost(other, 1);
        domain.AdmitAtMost(cutOff, 2);
        Assert.True(other.OwnsKeys);
        CutOff(domain, cutOff, 3_000);
        int used = cutOff.Admit(1_000) + 3;
        Assert.InRange(used, most / 2, most);
        cutOff.IsReachable = true;
        cutOff.Sharing.SetConnected(true);
        domain.Pass(TimeSpan.FromSeconds(3));
        int rest = domain.AdmitAtMost(other, 1_000);

        // What it held when it was cut off, and let lapse, is lost.
        Assert.InRange(used + rest, 80, 100);
    }

    [Fact]
    public void What_is_held_is_spent_first()
    {
        Domain domain = new(2, Rule);
        domain.AdmitAtMost(domain[0], 20);
        long held = domain[0].Held;
        Assert.True(held > 0);
        CutOff(domain, domain[0], 5);
        Assert.Equal(held, domain[0].Admit(100));
    }

    [Theory]
    [InlineData(PartitionBehavior.Closed, 0)]
    [InlineData(PartitionBehavior.Share, 50)]
    [InlineData(PartitionBehavior.Local, 100)]
    [InlineData(PartitionBehavior.Open, 1_000)]
    public void A_key_never_seen_has_what_the_rule_says(PartitionBehavior behavior, int expected)
    {
        Domain domain = new(2, Rule with { OnPartition = behavior });
        CutOff(domain, domain[0], 100);
        Assert.Equal(expected, domain[0].Admit(1_000));
        Assert.True(domain[0].Sharing.GetStatus().Rules[0].IsCutOff);
        Assert.Equal(behavior == PartitionBehavior.Open, domain[0].Sharing.GetStatus().Rules[0].Bound is null);
    }

    [Fact]
    public void A_key_that_was_used_goes_on_with_its_part_of_what_was_left()
    {
        Domain domain = new(2, Rule with { OnPartition = PartitionBehavior.Share });
        Assert.Equal(60, domain.AdmitAtMost(domain[0], 60));
        domain.Pass(TimeSpan.FromSeconds(1));
        CutOff(domain, domain[0], 3_000);
        Assert.InRange(domain[0].Admit(1_000), 10, 25);
    }

    [Fact]
    public void One_that_is_cut_off_without_knowing_finds_out()
    {
        Domain domain = new(2, Rule);
        Member cutOff = domain.Members.First(m => !m.OwnsKeys);
        domain.AdmitAtMost(cutOff, 2);
        cutOff.IsReachable = false;
        domain.Pass(TimeSpan.FromSeconds(6));
        Assert.True(cutOff.Sharing.GetStatus().Rules[0].IsCutOff);
        Assert.Equal(0, cutOff.Admit(10));
        cutOff.IsReachable = true;
        domain.Pass(TimeSpan.FromSeconds(4));
        Assert.False(cutOff.Sharing.GetStatus().Rules[0].IsCutOff);
        Assert.Equal(5, domain.AdmitAtMost(cutOff, 5));
    }

    [Theory]
    [InlineData(PartitionBehavior.Closed, 90)]
    [InlineData(PartitionBehavior.Share, 90 + (3 * 30))]
    [InlineData(PartitionBehavior.Local, 90 + (3 * 90))]
    public void Its_bound_is_what_all_members_admit_that_are_cut_off_from_each_other(PartitionBehavior behavior, long bound)
    {
        Domain domain = new(3, Domain.Rule with { Limit = 90, OnPartition = behavior });
        Assert.Equal(90, domain.Members.Sum(m => domain.AdmitAtMost(m, 30)));
        Assert.All(domain.Members, m => Assert.Equal(90, BoundOf(m)));
        foreach (Member member in domain.Members)
        {
            CutOff(domain, member, 5);
        }

        // A key that had a lease goes on with what was left as last told, which was next to nothing. One that had none has what the rule says.
        domain.PassMilliseconds(3_000);
        Assert.All(domain.Members, m => Assert.Equal(bound, BoundOf(m)));
        Assert.InRange(domain.Members.Sum(m => m.Admit(1_000)), 0, 15);
        Assert.Equal(bound - 90, domain.Members.Sum(m => m.Admit(1_000, "other")));
    }

    [Theory]
    [InlineData(PartitionBehavior.Closed, ColdStartBehavior.Wait, 200L)]
    [InlineData(PartitionBehavior.Closed, ColdStartBehavior.Optimistic, null)]
    [InlineData(PartitionBehavior.Share, ColdStartBehavior.Wait, null)]
    [InlineData(PartitionBehavior.Local, ColdStartBehavior.Wait, null)]
    [InlineData(PartitionBehavior.Open, ColdStartBehavior.Wait, null)]
    public void Who_never_knew_any_member_knows_no_bound(PartitionBehavior behavior, ColdStartBehavior coldStart, long? bound)
    {
        Domain domain = new(0, Rule with { OnPartition = behavior, ColdStart = coldStart });
        CutOff(domain, domain.Add(), 3_500);
        Assert.Equal(0, domain[0].Sharing.GetStatus().Members);
        Assert.True(domain[0].Sharing.GetStatus().Rules[0].IsCutOff);
        Assert.Equal(bound, BoundOf(domain[0]));

        // Its part is the whole limit.
        Assert.Equal(behavior switch { PartitionBehavior.Closed => 0, PartitionBehavior.Open => 1_000, _ => 100 }, domain[0].Admit(1_000));
    }

    private static long? BoundOf(Member member) => member.Sharing.GetStatus().Rules[0].Bound;

    private static void CutOff(Domain domain, Member member, double milliseconds)
    {
        member.IsReachable = false;
        member.Sharing.SetConnected(false);
        domain.PassMilliseconds(milliseconds);
    }
}

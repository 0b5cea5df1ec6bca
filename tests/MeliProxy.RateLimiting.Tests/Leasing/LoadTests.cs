using System.Globalization;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Leasing.Messages;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>What a flood of keys, and a process or a server that is slow for a while, may cost others: time, and no permits.</summary>
public class LoadTests
{
    [Fact]
    public void An_owner_that_renewed_too_late_goes_on_with_what_it_knows()
    {
        Domain domain = new(1, Domain.Rule);
        Member member = domain[0];
        int admitted = domain.AdmitAtMost(member, 40);
        domain.Pass(TimeSpan.FromSeconds(3));
        ShardStatus[] before = [.. member.Sharing.GetStatus().Shards];
        for (int i = 0; i < 3; i++)
        {
            member.IsReachable = false;
            domain.Pass(TimeSpan.FromSeconds(3));
            Assert.DoesNotContain(member.Sharing.GetStatus().Shards, s => s.IsOwned);
            member.IsReachable = true;
            admitted += domain.AdmitAtMost(member, 5);
            domain.Pass(TimeSpan.FromSeconds(3));
        }

        Assert.Equal(before.Select(s => s.Epoch), member.Sharing.GetStatus().Shards.Select(s => s.Epoch));
        admitted += domain.AdmitAtMost(member, 1_000);

        // What it held each time is lost.
        Assert.InRange(admitted, 60, 100);
    }

    [Fact]
    public void An_owner_that_another_has_taken_over_from_does_not()
    {
        Domain domain = new(2, Domain.Rule);
        Member first = domain[0];
        Assert.Equal(40, domain.AdmitAtMost(first, 40));
        domain.Pass(TimeSpan.FromSeconds(3));
        Member owner = domain.Members.Single(m => m.OwnsKeys);
        Member other = domain.Members.Single(m => m != owner);
        owner.IsReachable = false;
        int admitted = 40 + domain.AdmitAtMost(other, 30, seconds: 6);
        owner.IsReachable = true;
        admitted += domain.AdmitAtMost(owner, 10, seconds: 6);
        other.IsReachable = false;
        admitted += domain.AdmitAtMost(owner, 1_000, seconds: 8);
        Assert.InRange(admitted, 60, 100);
    }

    [Fact]
    public void A_flood_of_keys_is_saved_no_faster_than_can_be_borne()
    {
        Domain domain = new(1, Domain.Rule);
        Member member = domain[0];
        int admitted = 0;
        long before = domain.Bus.WrittenBytes;
        for (int i = 0; i < 200; i++)
        {
            for (int k = 0; k < 100; k++)
            {
                member.Limiter.Decide(new Call((i * 100 + k).ToString(CultureInfo.InvariantCulture)));
            }

            admitted += i % 10 == 0 ? member.Admit(1) : 0;
            domain.PassMilliseconds(10);
        }

        Assert.InRange(domain.Bus.WrittenBytes - before, 1, 2 * 8_500_000);
        Assert.InRange(admitted, 15, 20);
        domain.Pass(TimeSpan.FromSeconds(2));
        Assert.InRange(domain.AdmitAtMost(member, 1_000) + admitted, 95, 100);
    }

    [Fact]
    public void What_is_left_of_a_lease_that_was_not_renewed_in_time_is_handed_back()
    {
        Domain domain = new(2, Domain.Rule);
        Member owner = domain[0];
        Assert.Equal(40, domain.AdmitAtMost(owner, 40));
        owner = domain.Members.Single(m => m.OwnsKeys);
        Member member = domain.Members.Single(m => m != owner);
        domain.Pass(TimeSpan.FromSeconds(3));
        int admitted = 40;
        for (int i = 0; i < 5; i++)
        {
            admitted += domain.AdmitAtMost(member, 3);
            domain.Pass(TimeSpan.FromSeconds(1));
            Assert.True(member.Held > 0);
            domain.Bus.LosesAnswers = true;
            domain.Pass(TimeSpan.FromSeconds(2.2));
            Assert.Equal(0, member.Held);
            domain.Bus.LosesAnswers = false;
            domain.Pass(TimeSpan.FromSeconds(1));
        }

        admitted += domain.AdmitAtMost(member, 1_000);
        Assert.InRange(admitted, 95, 100);
    }

    [Fact]
    public void Keys_with_a_lease_are_reported_first()
    {
        Reports reports = new();
        LeaseTerms[] terms = [new(Domain.Rule), new(Domain.Rule with { Limit = 7 })];
        for (uint i = 0; i < 1_000; i++)
        {
            reports.Add(terms[i % 2], new ReportedKey(new KeyHash(i, 1), 1, i % 5 == 0 ? 3 : 0, 0, 0, 0, 1));
        }

        List<long> granted = [];
        reports.Send(1, [.. Enumerable.Range(0, QuotaSharing.ShardCount).Select(i => new ShardLink(i))], 1, (_, report) =>
        {
            MessageReader reader = new(report);
            reader.ReadStart(MessageFormat.Report);
            reader.ReadFixed();
            reader.ReadNumber();
            reader.ReadNumber();
            while (!reader.IsAtEnd)
            {
                reader.ReadTerms(out int count);
                for (int i = 0; i < count; i++)
                {
                    granted.Add(reader.ReadReportedKey().Granted);
                }
            }

            Assert.False(reader.IsBad);
        });
        Assert.Equal(1_000, granted.Count);
        Assert.All(granted.Take(200), g => Assert.Equal(3, g));
        Assert.All(granted.Skip(200), g => Assert.Equal(0, g));
    }
}

using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Leasing.Messages;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>What members agree by is lost, replaced or put back while they run.</summary>
public class StoreLossTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);
    private static readonly RateLimitRule Rule = Domain.Rule with { Window = Window };

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    public void Members_agree_again_within_five_seconds_of_its_loss(int members, bool isTakenOver)
    {
        Domain domain = Used(members);
        if (isTakenOver)
        {
            TakeOver(domain);
        }

        domain.Bus.Empty();
        domain.Pass(TimeSpan.FromSeconds(5));
        AssertAllShareOneLimit(domain);
        Assert.All(domain.Members, m => Assert.InRange(m.Notices.Count, 0, 1));
        Assert.Contains(domain.Members, m => m.Notices.Contains(SharingNotice.StoreReplaced));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Members_agree_again_within_five_seconds_of_a_reconnect_to_another(bool areOwnersGone)
    {
        Domain domain = Used(3);
        TakeOver(domain);
        SetConnected(domain, false);
        domain.Pass(areOwnersGone ? TimeSpan.FromSeconds(4) : TimeSpan.FromMilliseconds(500));
        domain.Bus.Empty();
        SetConnected(domain, true);
        domain.Pass(TimeSpan.FromSeconds(5));
        AssertAllShareOneLimit(domain);
    }

    [Fact]
    public void Members_agree_again_within_five_seconds_of_an_earlier_state()
    {
        Domain domain = Used(3);
        var copy = domain.Bus.Copy();
        TakeOver(domain);
        TakeOver(domain);
        SetConnected(domain, false);
        domain.PassMilliseconds(500);
        domain.Bus.Restore(copy);
        SetConnected(domain, true);
        domain.Pass(TimeSpan.FromSeconds(5));
        AssertAllShareOneLimit(domain);
    }

    [Fact]
    public void A_lost_owner_is_waited_for_by_those_who_heard_of_it()
    {
        Domain domain = Used(2);
        Member owner = domain.Members.Single(m => m.OwnsKeys);
        Member other = domain.Members.Single(m => !m.OwnsKeys);

        // The owner does not find out, and answers nobody.
        owner.IsReachable = false;
        domain.Bus.Empty();
        for (int i = 0; i < 100; i++)
        {
            other.Admit(1);
            domain.PassMilliseconds(25);
            Assert.InRange(domain.Members.Count(m => m.OwnsKeys), 0, 1);
        }

        owner.IsReachable = true;
        domain.Pass(TimeSpan.FromSeconds(5));
        AssertAllShareOneLimit(domain);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_answer_with_an_epoch_that_was_made_up_stops_nobody_for_long(bool isOwner)
    {
        Domain domain = Used(2);
        Member victim = domain.Members.Single(m => m.OwnsKeys == isOwner);
        ulong node = victim.Sharing.Node;
        (int shard, byte[] report) = domain.Bus.SentReports.FindLast(r => NodeOf(r.Report) == node && r.Report.Length > 40);
        MessageReader reader = new(report);
        reader.ReadStart(MessageFormat.Report);
        reader.ReadFixed();
        MessageWriter answer = new(new byte[QuotaSharing.MaxMessageLength]);
        answer.WriteAnswerHeader(shard, 1ul << 63, reader.ReadNumber(), TimeSpan.FromMilliseconds(25), 2);
        victim.Sharing.ReceiveAnswer(answer.Written);
        domain.Pass(TimeSpan.FromSeconds(4));
        AssertAllShareOneLimit(domain);
        Assert.Equal(isOwner ? 1 : 0, victim.Sharing.GetStatus().RefusedMessages);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void No_window_has_more_than_its_limit_when_the_store_is_lost(int members)
    {
        for (int part = 0; part < 8; part++)
        {
            Domain domain = Used(members);
            Dictionary<long, int> windows = [];
            Admit(domain, windows, TimeSpan.FromMilliseconds(2_000 + (250 * part)));
            domain.Bus.Empty();
            Admit(domain, windows, TimeSpan.FromSeconds(8));
            Assert.All(windows.Values, admitted => Assert.InRange(admitted, 0, 100));
            Assert.InRange(windows.Values.TakeLast(2).First(), 90, 100);
        }
    }

    [Theory]
    [InlineData(500)]
    [InlineData(4_000)]
    public void An_owner_that_outlives_the_store_keeps_the_counts_of_long_windows(double milliseconds)
    {
        Domain domain = new(2, Domain.Rule);
        Assert.Equal(60, domain.AdmitAtMost(domain[0], 60));
        domain.Pass(TimeSpan.FromSeconds(3));
        SetConnected(domain, false);
        domain.PassMilliseconds(milliseconds);
        domain.Bus.Empty();
        SetConnected(domain, true);
        domain.Pass(TimeSpan.FromSeconds(5));
        Assert.InRange(domain.AdmitAtMost(domain[0], 1_000) + domain.AdmitAtMost(domain[1], 1_000), 25, 40);

        // They are saved again.
        domain.Pass(TimeSpan.FromSeconds(1));
        Member owner = domain.Members.Single(m => m.OwnsKeys);
        owner.IsReachable = false;
        Assert.Equal(0, domain.AdmitAtMost(domain.Members.Single(m => m != owner), 100, seconds: 8));
    }

    [Fact]
    public void A_secret_that_is_lost_is_written_again_before_others_make_one()
    {
        Domain domain = Used(2);
        string before = SecretIn(domain);
        domain.Bus.Forget("secret");
        domain.Pass(TimeSpan.FromSeconds(13));
        Assert.Equal(before, SecretIn(domain));
        domain.Add();
        domain.Pass(TimeSpan.FromSeconds(3));
        AssertAllShareOneLimit(domain);
        Assert.All(domain.Members, m => Assert.Empty(m.Notices));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_secret_that_is_replaced_is_followed(bool isByNewcomer)
    {
        Domain domain = Used(2);
        Dictionary<long, int> windows = [];
        if (isByNewcomer)
        {
            domain.Bus.Forget("secret");
            domain.Add();
        }
        else
        {
            domain.Bus.Put("secret", new byte[16]);
        }

        Admit(domain, windows, TimeSpan.FromSeconds(13));

        // While some hash with another secret than others.
        Assert.All(windows.Values, admitted => Assert.InRange(admitted, 0, 200));
        AssertAllShareOneLimit(domain);
        Assert.All(domain.Members.Take(2), m => Assert.Equal([SharingNotice.SecretReplaced], m.Notices));
    }

    [Fact]
    public void A_member_alone_that_follows_another_secret_gives_no_window_twice()
    {
        Domain domain = Used(1);
        Dictionary<long, int> windows = [];
        domain.Bus.Put("secret", new byte[16]);
        Admit(domain, windows, TimeSpan.FromSeconds(16));
        Assert.All(windows.Values, admitted => Assert.InRange(admitted, 0, 100));
        Assert.Equal([SharingNotice.SecretReplaced], domain[0].Notices);
    }

    [Fact]
    public void What_is_no_secret_is_told_of_once_and_members_go_on()
    {
        Domain domain = Used(2);
        domain.Bus.Put("secret", new byte[15]);
        domain.Pass(TimeSpan.FromSeconds(30));
        Assert.All(domain.Members, m => Assert.Equal([SharingNotice.SecretUnusable], m.Notices));
        AssertAllShareOneLimit(domain);
    }

    private static string SecretIn(Domain domain) =>
        Convert.ToHexString(domain.Bus.Copy().Keys["secret"].Value);

    /// <summary>All use the key as much as they can; counts what passes in each window.</summary>
    private static void Admit(Domain domain, Dictionary<long, int> windows, TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(20))
        {
            long window = domain.Time.GetUtcNow().ToUnixTimeMilliseconds() / (long)Window.TotalMilliseconds;
            windows[window] = windows.GetValueOrDefault(window) + domain.Members.Sum(m => m.Admit(5));
            domain.PassMilliseconds(20);
        }
    }

    private static ulong NodeOf(byte[] report)
    {
        MessageReader reader = new(report);
        reader.ReadStart(MessageFormat.Report);
        return reader.ReadFixed();
    }

    private static Domain Used(int members)
    {
        Domain domain = new(members, Rule);
        Use(domain, TimeSpan.FromSeconds(2));
        Assert.Contains(domain.Members, m => m.OwnsKeys);
        return domain;
    }

    private static void Use(Domain domain, TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(50))
        {
            foreach (Member member in domain.Members)
            {
                member.Admit(1);
            }

            domain.PassMilliseconds(50);
        }
    }

    /// <summary>Another owns the keys from now on, under a higher epoch.</summary>
    private static void TakeOver(Domain domain)
    {
        Member owner = domain.Members.Single(m => m.OwnsKeys);
        owner.IsReachable = false;
        Use(domain, TimeSpan.FromSeconds(4));
        owner.IsReachable = true;
        Use(domain, TimeSpan.FromSeconds(4));
        Assert.NotSame(owner, domain.Members.Single(m => m.OwnsKeys));
    }

    private static void SetConnected(Domain domain, bool isConnected)
    {
        foreach (Member member in domain.Members)
        {
            member.IsReachable = isConnected;
            member.Sharing.SetConnected(isConnected);
        }
    }

    private static void AssertAllShareOneLimit(Domain domain)
    {
        Use(domain, TimeSpan.FromSeconds(1));
        domain.Pass(Window - TimeSpan.FromMilliseconds(domain.Time.GetUtcNow().ToUnixTimeMilliseconds() % (long)Window.TotalMilliseconds));
        int[] admitted = new int[domain.Members.Count];
        for (int i = 0; i < 70; i++)
        {
            for (int m = 0; m < admitted.Length; m++)
            {
                admitted[m] += domain[m].Admit(5);
            }

            domain.PassMilliseconds(25);
        }

        Assert.InRange(admitted.Sum(), 90, 100);
        Assert.All(admitted, a => Assert.InRange(a, 5, 100));
    }
}

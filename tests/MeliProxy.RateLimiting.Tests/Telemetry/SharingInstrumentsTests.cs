using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Tests.Leasing;

namespace MeliProxy.RateLimiting.Tests.Telemetry;

/// <summary>What the meter shows of sharing.</summary>
/// <remarks>In turns with tests that listen to every meter of the process, as whoever reads decides which moment is shown.</remarks>
[Collection("Meters")]
public sealed class SharingInstrumentsTests : IDisposable
{
    private static readonly TimeSpan StatusLife = TimeSpan.FromMilliseconds(101);

    private readonly TestMeterFactory _factory = new();

    public void Dispose() => _factory.Dispose();

    [Fact]
    public void A_limiter_that_shares_nothing_shows_nothing_of_it()
    {
        QuotaLimiterOptions<Call> options = Call.Options(TimeProvider.System, Domain.Rule);
        options.MeterFactory = _factory;
        using QuotaLimiter<Call> limiter = new(options);

        Assert.Empty(_factory.CollectAll("sharing"));
    }

    [Fact]
    public void Before_there_is_a_connection_nothing_is_known_of_others()
    {
        QuotaLimiterOptions<Call> options = Call.Options(TimeProvider.System, Domain.Rule with { ColdStart = ColdStartBehavior.Optimistic });
        options.MeterFactory = _factory;
        options.Sharing = new QuotaSharing();
        using QuotaLimiter<Call> limiter = new(options);

        Assert.Equal(["sharing.connected   0"], _factory.Collect("sharing.connected"));
        Assert.Equal(["sharing.members   0"], _factory.Collect("sharing.members"));
        Assert.Empty(_factory.Collect("sharing.lag"));
        Assert.Empty(_factory.Collect("sharing.bound"));
    }

    [Fact]
    public void What_is_shown_is_what_the_status_says()
    {
        Domain domain = DomainOf(Domain.Rule, Domain.Rule with { Name = "hour" }, Call.Hour("own", 100));
        Assert.Equal(10, domain.AdmitAtMost(domain[0], 10));
        PassWithLag(domain);
        domain[0].Sharing.ReceiveAnswer([0xff]);
        domain.Time.Advance(StatusLife);
        SharingStatus status = domain[0].Sharing.GetStatus();

        // The figures are not all nothing.
        Assert.Equal(1, status.Members);
        Assert.NotEqual(0, status.LeasedKeys);
        Assert.NotEqual(0, status.HeldPermits);
        Assert.Contains(status.Shards, shard => shard is { IsOwned: true, OutstandingPermits: > 0 });
        Assert.NotNull(status.Lag);
        Assert.Equal(
            [
                "sharing.connected   1",
                "sharing.members   1",
                $"sharing.leased_keys   {status.LeasedKeys}",
                $"sharing.held_permits   {status.HeldPermits}",
                $"sharing.owned_shards   {status.Shards.Count(shard => shard.IsOwned)}",
                $"sharing.outstanding_permits   {status.Shards.Sum(shard => shard.OutstandingPermits)}",
                FormattableString.Invariant($"sharing.lag   {status.Lag.Value.TotalSeconds}"),
                "sharing.cut_off r  0",
                "sharing.cut_off hour  0",
                "sharing.bound r  100",
                "sharing.bound hour  100",
                "sharing.refused_messages   1",
            ],
            _factory.CollectAll("sharing"));
    }

    [Fact]
    public void Being_cut_off_is_shown_and_what_has_no_bound_then_has_none()
    {
        Domain domain = DomainOf(Domain.Rule, Domain.Rule with { Name = "open", OnPartition = PartitionBehavior.Open });
        domain[0].Sharing.SetConnected(false);
        domain.Pass(TimeSpan.FromSeconds(5));

        Assert.Equal(["sharing.connected   0"], _factory.Collect("sharing.connected"));
        Assert.Equal(["sharing.cut_off r  1", "sharing.cut_off open  1"], _factory.Collect("sharing.cut_off"));
        Assert.Equal(["sharing.bound r  100"], _factory.Collect("sharing.bound"));
    }

    [Fact]
    public void What_is_read_together_is_of_one_moment_and_later_it_is_read_anew()
    {
        Domain domain = DomainOf(Domain.Rule);
        Assert.Equal(["sharing.refused_messages   0"], _factory.Collect("sharing.refused_messages"));

        domain[0].Sharing.ReceiveAnswer([0xff]);
        Assert.Equal(["sharing.refused_messages   0"], _factory.Collect("sharing.refused_messages"));

        domain.Time.Advance(StatusLife);
        Assert.Equal(["sharing.refused_messages   1"], _factory.Collect("sharing.refused_messages"));
    }

    [Fact]
    public void A_limiter_that_was_disposed_of_shows_nothing()
    {
        Domain domain = DomainOf(Domain.Rule);
        Assert.NotEmpty(_factory.CollectAll("sharing"));

        domain[0].Limiter.Dispose();

        Assert.Empty(_factory.CollectAll("sharing"));
    }

    [Fact]
    public void The_name_of_a_limiter_is_a_tag_of_all_it_shows()
    {
        Domain domain = new(
            1,
            Domain.Rule,
            options =>
            {
                options.MeterFactory = _factory;
                options.Name = "by-caller";
            });
        using QuotaLimiter<Call> limiter = domain[0].Limiter;
        PassWithLag(domain);

        IGrouping<object?, string> named = Assert.Single(_factory.InstrumentsBy("limiter"));

        Assert.Equal("by-caller", named.Key);
        Assert.Equal(10, named.Count(name => name.StartsWith("sharing.", StringComparison.Ordinal)));
    }

    /// <summary>A domain with one member, which has these rules.</summary>
    private Domain DomainOf(RateLimitRule rule, params RateLimitRule[] others)
    {
        Domain domain = new(1, rule, options => options.MeterFactory = _factory);
        domain[0].Limiter.Update(new RuleSet([rule, .. others]));
        return domain;
    }

    /// <summary>Reports are answered, and that takes time.</summary>
    private static void PassWithLag(Domain domain)
    {
        for (int i = 0; i < 500; i++)
        {
            domain[0].Sharing.Tick();
            domain.Time.Advance(TimeSpan.FromMilliseconds(4));
            domain.Bus.Deliver();
        }
    }
}

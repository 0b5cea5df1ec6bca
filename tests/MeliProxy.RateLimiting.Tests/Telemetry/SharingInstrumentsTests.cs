using System.Diagnostics.Metrics;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Tests.Leasing;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Telemetry;

/// <summary>What the meter shows of sharing, with one member that is all of its domain.</summary>
/// <remarks>In turns with tests that listen to every meter of the process, as whoever reads decides which moment is shown.</remarks>
[Collection("Meters")]
public sealed class SharingInstrumentsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly QuotaSharing _sharing = new(new Random(1));
    private readonly TestMeterFactory _factory = new();

    public void Dispose() => _factory.Dispose();

    [Fact]
    public void A_limiter_that_shares_nothing_shows_nothing_of_it()
    {
        using QuotaLimiter<string> limiter = new(OptionsOf(Rule("day", RuleScope.Shared)));

        Assert.Empty(_factory.CollectAll("sharing"));
    }

    [Fact]
    public void Before_there_is_a_connection_nothing_is_known_of_others()
    {
        using QuotaLimiter<string> limiter = new(Sharing(OptionsOf(Rule("day", RuleScope.Shared))));

        Assert.Equal(["sharing.connected   0"], _factory.Collect("sharing.connected"));
        Assert.Equal(["sharing.members   0"], _factory.Collect("sharing.members"));
        Assert.Empty(_factory.Collect("sharing.lag"));
        Assert.Empty(_factory.Collect("sharing.bound"));
    }

    [Fact]
    public void What_is_shown_is_what_the_status_says()
    {
        using QuotaLimiter<string> limiter = new(
            Sharing(OptionsOf(Rule("day", RuleScope.Shared), Rule("own", RuleScope.Local), Rule("hour", RuleScope.Shared))));
        SoleMember member = SoleMember.Join(_sharing, _time, TimeSpan.FromMilliseconds(2));
        member.Run(TimeSpan.FromSeconds(3));
        for (int i = 0; i < 200; i++)
        {
            limiter.Decide("acme");
            member.Run(TimeSpan.FromMilliseconds(5));
        }

        _sharing.ReceiveAnswer([0xff]);
        SharingStatus status = _sharing.GetStatus();

        // The figures are not all nothing.
        Assert.Equal(1, status.Members);
        Assert.NotEqual(0, status.LeasedKeys);
        Assert.NotEqual(0, status.HeldPermits);
        Assert.Contains(status.Shards, shard => shard is { IsOwned: true, OutstandingPermits: > 0 });
        Assert.Equal(
            [
                "sharing.connected   1",
                "sharing.members   1",
                $"sharing.leased_keys   {status.LeasedKeys}",
                $"sharing.held_permits   {status.HeldPermits}",
                $"sharing.owned_shards   {status.Shards.Count(shard => shard.IsOwned)}",
                $"sharing.outstanding_permits   {status.Shards.Sum(shard => shard.OutstandingPermits)}",
                "sharing.lag   0.004",
                "sharing.cut_off day  0",
                "sharing.cut_off hour  0",
                $"sharing.bound day  {status.Rules[0].Bound}",
                $"sharing.bound hour  {status.Rules[1].Bound}",
                "sharing.refused_messages   1",
            ],
            _factory.CollectAll("sharing"));
    }

    [Fact]
    public void Being_cut_off_is_shown_and_what_has_no_bound_then_has_none()
    {
        using QuotaLimiter<string> limiter = new(Sharing(OptionsOf(
            Rule("open", RuleScope.Shared) with { OnPartition = PartitionBehavior.Open }, Rule("shared", RuleScope.Shared))));
        SoleMember member = SoleMember.Join(_sharing, _time, TimeSpan.FromMilliseconds(2));
        member.Run(TimeSpan.FromSeconds(10));
        _sharing.SetConnected(false);
        member.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(["sharing.connected   0"], _factory.Collect("sharing.connected"));
        Assert.Equal(["sharing.cut_off open  1", "sharing.cut_off shared  1"], _factory.Collect("sharing.cut_off"));
        Assert.StartsWith("sharing.bound shared ", Assert.Single(_factory.Collect("sharing.bound")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_read_together_is_of_one_moment_and_later_it_is_read_anew()
    {
        using QuotaLimiter<string> limiter = new(Sharing(OptionsOf()));
        SoleMember.Join(_sharing, _time, TimeSpan.Zero);
        Assert.Equal(["sharing.refused_messages   0"], _factory.Collect("sharing.refused_messages"));

        _sharing.ReceiveAnswer([0xff]);
        Assert.Equal(["sharing.refused_messages   0"], _factory.Collect("sharing.refused_messages"));

        _time.Advance(TimeSpan.FromMilliseconds(101));
        Assert.Equal(["sharing.refused_messages   1"], _factory.Collect("sharing.refused_messages"));
    }

    [Fact]
    public void A_limiter_that_was_disposed_of_shows_nothing()
    {
        QuotaLimiter<string> limiter = new(Sharing(OptionsOf(Rule("day", RuleScope.Shared))));
        Assert.NotEmpty(_factory.CollectAll("sharing"));

        limiter.Dispose();

        Assert.Empty(_factory.CollectAll("sharing"));
    }

    [Fact]
    public void The_name_of_a_limiter_is_a_tag_of_all_it_shows()
    {
        QuotaLimiterOptions<string> options = Sharing(OptionsOf(Rule("day", RuleScope.Shared)));
        options.MeterFactory = null;
        options.Name = "unlike-any-other-that-shares";
        using QuotaLimiter<string> limiter = new(options);
        SoleMember.Join(_sharing, _time, TimeSpan.FromMilliseconds(2)).Run(TimeSpan.FromSeconds(10));
        HashSet<string> named = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) => l.EnableMeasurementEvents(instrument);
        listener.SetMeasurementEventCallback<long>(Take);
        listener.SetMeasurementEventCallback<double>(Take);
        listener.Start();

        listener.RecordObservableInstruments();

        Assert.Equal(10, named.Count(name => name.StartsWith("meliproxy.rate_limiting.sharing.", StringComparison.Ordinal)));

        void Take<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            if (tags.Contains(new KeyValuePair<string, object?>("limiter", "unlike-any-other-that-shares")))
            {
                named.Add(instrument.Name);
            }
        }
    }

    private static RateLimitRule Rule(string name, RuleScope scope) =>
        new() { Name = name, Key = ["tenant"], Limit = 10_000, Window = TimeSpan.FromHours(1), Scope = scope };

    private QuotaLimiterOptions<string> Sharing(QuotaLimiterOptions<string> options)
    {
        options.Sharing = _sharing;
        return options;
    }

    private QuotaLimiterOptions<string> OptionsOf(params RateLimitRule[] rules)
    {
        QuotaLimiterOptions<string> options = new() { Rules = [.. rules], MeterFactory = _factory, TimeProvider = _time };
        options.KeySources.Add("tenant", tenant => tenant);
        return options;
    }
}

using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Telemetry;

[Collection("Meters")]
public sealed class LimiterInstrumentsTests
{
    [Fact]
    public void Decisions_are_shown_by_rule_and_outcome()
    {
        using TestMeterFactory factory = new();
        using QuotaLimiter<string> limiter = new(OptionsOf(factory, Rule("enforced", 2), Rule("shadow", 1) with { Mode = RuleMode.Shadow }));

        for (int i = 0; i < 3; i++)
        {
            limiter.Decide("acme");
        }

        Assert.Equal(
            [
                "decisions enforced allowed 2", "decisions enforced limited 1", "decisions enforced shadow_limited 0",
                "decisions shadow allowed 1", "decisions shadow limited 0", "decisions shadow shadow_limited 2",
            ],
            factory.Collect("decisions"));
    }

    [Fact]
    public void Keys_are_shown()
    {
        using TestMeterFactory factory = new();
        QuotaLimiterOptions<string> options = OptionsOf(factory, Rule("rule", 2));
        options.MaxKeys = 1;
        using QuotaLimiter<string> limiter = new(options);

        limiter.Decide("one");
        limiter.Decide("two");

        Assert.Equal(["keys   1"], factory.Collect("keys"));
        Assert.Equal(["keys.refused rule  1"], factory.Collect("keys.refused"));
        Assert.Equal(["keys.evicted   0"], factory.Collect("keys.evicted"));
    }

    [Fact]
    public void Failures_and_waits_are_shown_by_rule()
    {
        using TestMeterFactory factory = new();
        QuotaLimiterOptions<string> options = OptionsOf(factory, Rule("rule", 2) with { Key = ["broken"] });
        options.KeySources.Add("broken", _ => throw new InvalidOperationException("no"));
        using QuotaLimiter<string> limiter = new(options);

        limiter.Decide("acme");

        Assert.Equal(["failed rule  1"], factory.Collect("failed"));
        Assert.Equal(["delayed rule  0"], factory.Collect("delayed"));
    }

    [Fact]
    public void What_is_shown_follows_the_rules_in_force()
    {
        using TestMeterFactory factory = new();
        using QuotaLimiter<string> limiter = new(OptionsOf(factory, Rule("before", 2)));

        limiter.Update(new RuleSet([Rule("after", 2)]));

        Assert.All(factory.Collect("decisions"), line => Assert.StartsWith("decisions after ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_limiter_that_was_disposed_of_shows_nothing()
    {
        using TestMeterFactory factory = new();
        QuotaLimiter<string> one = new(OptionsOf(factory, Rule("one", 2)));
        QuotaLimiter<string> two = new(OptionsOf(factory, Rule("two", 2)));

        one.Dispose();
        Assert.All(factory.Collect("decisions"), line => Assert.StartsWith("decisions two ", line, StringComparison.Ordinal));
        await two.DisposeAsync();
        Assert.Empty(factory.Collect("decisions"));
        Assert.Empty(factory.Collect("keys"));
    }

    [Fact]
    public void A_meter_of_the_limiters_own_goes_with_it()
    {
        // Other tests make limiters all the time. This one's instruments are those that its thread publishes.
        int thread = Environment.CurrentManagedThreadId;
        bool isCreating = false;
        List<string> published = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (isCreating && Environment.CurrentManagedThreadId == thread)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => published.AddRange(tags.ToArray().Select(tag => $"{tag.Value}")));
        listener.Start();
        isCreating = true;
        QuotaLimiter<string> limiter = new(OptionsOf(null, Rule("rule", 2)));
        isCreating = false;

        listener.RecordObservableInstruments();
        Assert.Contains("rule", published);

        limiter.Dispose();
        published.Clear();
        listener.RecordObservableInstruments();
        Assert.Empty(published);
    }

    [Fact]
    public void The_name_of_a_limiter_is_a_tag_of_all_it_shows()
    {
        using TestMeterFactory factory = new();
        QuotaLimiterOptions<string> options = OptionsOf(factory, Rule("rule", 2));
        options.Name = "by-caller";
        using QuotaLimiter<string> limiter = new(options);

        IGrouping<object?, string> named = Assert.Single(factory.InstrumentsBy("limiter"));

        Assert.Equal("by-caller", named.Key);
        Assert.Equal(7, named.Count());
    }

    [Fact]
    public void Instruments_do_not_keep_a_limiter_alive()
    {
        using TestMeterFactory factory = new();
        WeakReference limiter = Create(factory);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(limiter.IsAlive);
        Assert.Empty(factory.Collect("decisions"));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Create(IMeterFactory factory) => new(new QuotaLimiter<string>(OptionsOf(factory, Rule("rule", 2))));
    }

    private static RateLimitRule Rule(string name, long limit) =>
        new() { Name = name, Key = ["tenant"], Limit = limit, Window = TimeSpan.FromDays(1) };

    private static QuotaLimiterOptions<string> OptionsOf(IMeterFactory? factory, params RateLimitRule[] rules)
    {
        QuotaLimiterOptions<string> options = new() { Rules = [.. rules], MeterFactory = factory };
        options.KeySources.Add("tenant", tenant => tenant);
        return options;
    }
}

using System.Diagnostics.Metrics;

namespace MeliProxy.RateLimiting.Telemetry;

/// <summary>Shows a limiter's figures to whoever listens. They are read when someone collects, so decisions pay nothing for it.</summary>
/// <remarks>
/// The meter of a factory outlives the limiter and instruments cannot be taken out of a meter, so they do not hold the limiter, and tell
/// nothing any more once it has gone.
/// </remarks>
internal sealed class LimiterInstruments : IDisposable
{
    public const string RuleTag = "rule";

    private const string MeterName = "MeliProxy.RateLimiting";
    private const string OutcomeTag = "outcome";
    private const string LimiterTag = "limiter";

    private readonly WeakReference<ILimiterFigures> _limiter;
    private readonly Meter? _own;
    private readonly KeyValuePair<string, object?>[] _tags;

    /// <param name="limiter">The limiter.</param>
    /// <param name="name">Its name, if it has one.</param>
    /// <param name="factory">Makes the meter; <see langword="null"/>: one of the limiter's own.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="shares">Whether it takes part in sharing.</param>
    public LimiterInstruments(ILimiterFigures limiter, string? name, IMeterFactory? factory, TimeProvider time, bool shares)
    {
        _tags = name is null ? [] : [new(LimiterTag, name)];
        _limiter = new WeakReference<ILimiterFigures>(limiter);
        _own = factory is null ? new Meter(MeterName) : null;
        Meter meter = _own ?? factory!.Create(MeterName);
        meter.CreateObservableCounter(
            "meliproxy.rate_limiting.decisions", ObserveDecisions, "{decision}", "What rules made of what they applied to.");
        meter.CreateObservableCounter(
            "meliproxy.rate_limiting.delayed", () => ByRule(c => c.Delayed), "{decision}", "Allowed after a wait in a rule's queue.");
        meter.CreateObservableCounter(
            "meliproxy.rate_limiting.failed",
            () => ByRule(c => c.Failed),
            "{decision}",
            "A key source or match threw, and onError decided.");
        meter.CreateObservableCounter(
            "meliproxy.rate_limiting.keys.refused",
            () => ByRule(c => c.NoRoom),
            "{key}",
            "Keys that found no room, so that the cap decided.");
        meter.CreateObservableCounter(
            "meliproxy.rate_limiting.keys.evicted", () => OfLimiter(l => l.EvictedKeys), "{key}", "Idle keys that made room for others.");
        meter.CreateObservableUpDownCounter(
            "meliproxy.rate_limiting.keys", () => OfLimiter(l => l.KeyCount), "{key}", "Keys held.");
        meter.CreateObservableUpDownCounter(
            "meliproxy.rate_limiting.queued", () => OfLimiter(l => l.QueuedCount), "{decision}", "Resources that wait for a rule.");
        if (shares)
        {
            // The meter holds it.
            _ = new SharingInstruments(_limiter, _tags, time, meter);
        }
    }

    public void Dispose()
    {
        _limiter.SetTarget(null!);
        _own?.Dispose();
    }

    private IEnumerable<Measurement<long>> ObserveDecisions()
    {
        foreach (RuleCounts counts in Counts())
        {
            yield return Of(counts.Allowed, "allowed");
            yield return Of(counts.Limited, "limited");
            yield return Of(counts.ShadowLimited, "shadow_limited");

            Measurement<long> Of(long value, string outcome) => new(value, [new(RuleTag, counts.Rule.Name), new(OutcomeTag, outcome), .. _tags]);
        }
    }

    private IEnumerable<Measurement<long>> ByRule(Func<RuleCounts, long> figure) =>
        Counts().Select(counts => new Measurement<long>(figure(counts), [new KeyValuePair<string, object?>(RuleTag, counts.Rule.Name), .. _tags]));

    private IEnumerable<Measurement<long>> OfLimiter(Func<ILimiterFigures, long> figure) =>
        _limiter.TryGetTarget(out ILimiterFigures? limiter) ? [new Measurement<long>(figure(limiter), _tags)] : [];

    private IReadOnlyList<RuleCounts> Counts() => _limiter.TryGetTarget(out ILimiterFigures? limiter) ? limiter.GetRuleCounts() : [];
}

using System.Diagnostics.Metrics;
using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.RateLimiting.Telemetry;

/// <summary>Shows how a limiter takes part in sharing.</summary>
/// <remarks>
/// What can be added up over processes is a counter. What each process tells of all of them, or of itself alone, is a gauge. Gauges that are
/// 1 or 0 have no unit, as Prometheus would be told of a ratio.
/// </remarks>
internal sealed class SharingInstruments
{
    private const string Prefix = "meliproxy.rate_limiting.sharing.";

    /// <summary>A status is a walk over all leases, so the instruments that are read together share one.</summary>
    private static readonly TimeSpan StatusLife = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly WeakReference<ILimiterFigures> _limiter;
    private readonly TimeProvider _time;
    private readonly KeyValuePair<string, object?>[] _tags;
    private SharingStatus? _status;
    private long _readAt;

    /// <param name="limiter">The limiter, as long as there is one.</param>
    /// <param name="tags">The tags of all that it shows.</param>
    /// <param name="time">The limiter's clock.</param>
    /// <param name="meter">What the instruments belong to.</param>
    public SharingInstruments(
        WeakReference<ILimiterFigures> limiter, KeyValuePair<string, object?>[] tags, TimeProvider time, Meter meter)
    {
        _limiter = limiter;
        _tags = tags;
        _time = time;
        meter.CreateObservableGauge(
            $"{Prefix}connected", () => Of(s => s.IsConnected ? 1 : 0), null, "1 while the transport has a connection, 0 while it has none.");
        meter.CreateObservableGauge(
            $"{Prefix}members", () => Of(s => s.Members), "{member}", "Members of the domain as this process knows; 0 if it does not yet.");
        meter.CreateObservableUpDownCounter(
            $"{Prefix}leased_keys", () => Of(s => s.LeasedKeys), "{key}", "Keys of which a lease is held or asked for.");
        meter.CreateObservableUpDownCounter(
            $"{Prefix}held_permits", () => Of(s => s.HeldPermits), "{permit}", "Permits that may be spent without asking.");
        meter.CreateObservableUpDownCounter(
            $"{Prefix}owned_shards", () => Of(s => s.Shards.Count(shard => shard.IsOwned)), "{shard}", "Shards whose account this process keeps.");
        meter.CreateObservableUpDownCounter(
            $"{Prefix}outstanding_permits",
            () => Of(s => s.Shards.Where(shard => shard.IsOwned).Sum(shard => shard.OutstandingPermits)),
            "{permit}",
            "Permits of owned shards that are leased and not reported as spent.");
        meter.CreateObservableGauge(
            $"{Prefix}lag", ObserveLag, "s", "Time from sending a report to its answer, of those answered last.");
        meter.CreateObservableGauge(
            $"{Prefix}cut_off",
            () => ByRule(rule => rule.IsCutOff ? 1 : 0),
            null,
            "1 while this process follows a rule's onPartition for some of its keys, 0 while it does not.");
        meter.CreateObservableGauge(
            $"{Prefix}bound",
            () => ByRule(rule => rule.Bound),
            "{permit}",
            "The most permits of one key that all members together admit within one window now. Nothing is shown where there is no bound.");
        meter.CreateObservableCounter(
            $"{Prefix}refused_messages",
            () => Of(s => s.RefusedMessages),
            "{message}",
            "Messages that could not be read, or that said what cannot be.");
    }

    private IEnumerable<Measurement<long>> Of(Func<SharingStatus, long> figure) =>
        Status() is { } status ? [new Measurement<long>(figure(status), _tags)] : [];

    private IEnumerable<Measurement<double>> ObserveLag() =>
        Status()?.Lag is { } lag ? [new Measurement<double>(lag.TotalSeconds, _tags)] : [];

    private IEnumerable<Measurement<long>> ByRule(Func<SharedRuleStatus, long?> figure)
    {
        foreach (SharedRuleStatus rule in Status()?.Rules ?? [])
        {
            if (figure(rule) is { } value)
            {
                yield return new Measurement<long>(value, [new(LimiterInstruments.RuleTag, rule.Rule), .. _tags]);
            }
        }
    }

    private SharingStatus? Status()
    {
        if (!_limiter.TryGetTarget(out ILimiterFigures? limiter))
        {
            return null;
        }

        lock (_gate)
        {
            if (_status is null || _time.GetElapsedTime(_readAt) > StatusLife)
            {
                _readAt = _time.GetTimestamp();
                _status = limiter.GetSharingStatus();
            }

            return _status;
        }
    }
}

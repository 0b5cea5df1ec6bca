using System.Security.Cryptography;
using System.Threading.RateLimiting;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;
using MeliProxy.RateLimiting.Telemetry;

namespace MeliProxy.RateLimiting;

/// <summary>Decides by rules whether a resource may pass, counting its use by partition keys computed from it.</summary>
/// <typeparam name="TResource">The kind of resource: an HTTP request, a message, anything.</typeparam>
/// <remarks>
/// All members are safe for use by several threads. A decision that does not wait does not allocate, block, or take a lock that other keys share.
/// All rules that match have to agree, and a resource that one rule rejects consumes nothing from the others.
/// As a <see cref="PartitionedRateLimiter{TResource}"/> it fits wherever one is taken; <see cref="Decide(TResource)"/> says more and costs less.
/// </remarks>
public sealed partial class QuotaLimiter<TResource> : PartitionedRateLimiter<TResource>
{
    private readonly QuotaLimiterOptions<TResource> _options;
    private readonly DecisionEngine _engine;
    private readonly KeyHasher _secret;
    private readonly Lock _updating = new();
    private volatile BoundRuleSet<TResource> _rules;

    /// <summary>Creates a limiter.</summary>
    /// <param name="options">What it is made from; not to be changed afterwards.</param>
    /// <exception cref="InvalidRulesException">A rule or override is invalid.</exception>
    /// <exception cref="ArgumentException">Another option is out of its range.</exception>
    public QuotaLimiter(QuotaLimiterOptions<TResource> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.TimeProvider, nameof(options.TimeProvider));
        ArgumentNullException.ThrowIfNull(options.Rules, nameof(options.Rules));
        ArgumentNullException.ThrowIfNull(options.Overrides, nameof(options.Overrides));
        ArgumentNullException.ThrowIfNull(options.KeySources, nameof(options.KeySources));
        ThrowIfOutside(options.MaxKeys, 1, QuotaLimiterOptions<TResource>.MaxMaxKeys, nameof(options.MaxKeys));
        ThrowIfOutside(options.TopKeys, 0, QuotaLimiterOptions<TResource>.MaxTopKeys, nameof(options.TopKeys));
        ThrowIfOutside(options.MaxQueued, 0, QuotaLimiterOptions<TResource>.MaxMaxQueued, nameof(options.MaxQueued));
        if (!Enum.IsDefined(options.KeyCap))
        {
            throw new ArgumentException($"{nameof(options.KeyCap)} has to be one of {string.Join(", ", Enum.GetNames<KeyCapBehavior>())}, not {options.KeyCap}", nameof(options));
        }

        if (options.HashSecret is { Length: not QuotaLimiterOptions<TResource>.HashSecretLength })
        {
            throw new ArgumentException($"{nameof(options.HashSecret)} has to have {QuotaLimiterOptions<TResource>.HashSecretLength} bytes, not {options.HashSecret.Value.Length}", nameof(options));
        }

        _options = options;
        _secret = new KeyHasher(options.HashSecret is { } secret
            ? secret.Span
            : RandomNumberGenerator.GetBytes(QuotaLimiterOptions<TResource>.HashSecretLength));
        RuleSet rules = CheckedRules(options);
        _engine = new DecisionEngine(new QuotaTable(options.MaxKeys), new QuotaClock(options.TimeProvider), options.KeyCap, options.MaxQueued, countsByKeys: options.TopKeys > 0);
        options.Sharing?.Bind(_engine, options.TimeProvider, Rebind);
        _rules = BoundRuleSet<TResource>.Bind(rules, options, _secret, _engine.Counts);
        FollowUsage(_rules.Rules, []);
        options.Sharing?.Follow(_rules.Rules);
        _instruments = new LimiterInstruments(
            this, options.Name, options.MeterFactory, options.TimeProvider, shares: options.Sharing is not null);
    }

    /// <summary>The rules in force.</summary>
    public RuleSet Rules => _rules.Source;

    /// <summary>Keys held, including idle ones whose place was not needed yet.</summary>
    public int KeyCount => _engine.Table.Keys;

    /// <summary>Idle keys evicted since the start. They were as good as never seen, so nothing is lost with them.</summary>
    public long EvictedKeys => _engine.Table.Evicted;

    /// <summary>How often a key found no room since the start, and <see cref="QuotaLimiterOptions{TResource}.KeyCap"/> decided.</summary>
    public long RefusedKeys => _engine.Table.Refused;

    /// <summary>
    /// Puts other rules in force, for all decisions that begin from now on and for those who wait. Keys keep their counts as told at <see cref="RateLimitRule"/>.
    /// </summary>
    /// <param name="rules">The rules.</param>
    /// <exception cref="InvalidRulesException">A key part or match cannot be used; nothing has changed.</exception>
    public void Update(RuleSet rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        lock (_updating)
        {
            Bind(rules);
        }
    }

    /// <summary>Binds the rules in force anew, since the members of the domain hash keys by another secret now.</summary>
    private void Rebind()
    {
        lock (_updating)
        {
            Bind(Rules);
        }
    }

    private void Bind(RuleSet rules)
    {
        BoundRuleSet<TResource> next = BoundRuleSet<TResource>.Bind(rules, _options, _secret, _engine.Counts);
        FollowUsage(next.Rules, _rules.Rules);
        _rules = next;
        _options.Sharing?.Follow(_rules.Rules);
        _engine.Queues.WakeAll();
    }

    /// <summary>What became of resources, for each rule in force.</summary>
    /// <returns>One item for each rule, in the order of the rules. What other threads count meanwhile may be missing.</returns>
    public IReadOnlyList<RuleCounts> GetRuleCounts() => [.. _rules.Rules.Select(rule => new RuleCounts(
        rule.Rule,
        _engine.Counts.Sum(rule.Row, RuleOutcome.Allowed),
        _engine.Counts.Sum(rule.Row, RuleOutcome.Limited),
        _engine.Counts.Sum(rule.Row, RuleOutcome.ShadowLimited),
        _engine.Counts.Sum(rule.Row, RuleOutcome.Delayed),
        _engine.Counts.Sum(rule.Row, RuleOutcome.Failed),
        _engine.Counts.Sum(rule.Row, RuleOutcome.NoRoom)))];

    /// <summary>Rejects all that wait, and takes the limiter off its meter. Decisions can still be made, but none waits any more.</summary>
    /// <param name="disposing">Whether it is called by <see cref="PartitionedRateLimiter{TResource}.Dispose()"/>.</param>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _engine.Queues.Dispose();
            _instruments.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Rejects all that wait, and takes the limiter off its meter. Decisions can still be made, but none waits any more.</summary>
    /// <returns>A task that is completed.</returns>
    protected override ValueTask DisposeAsyncCore()
    {
        Dispose(disposing: true);
        return base.DisposeAsyncCore();
    }

    private static RuleSet CheckedRules(QuotaLimiterOptions<TResource> options)
    {
        List<RuleError> errors = [];
        IReadOnlyList<RateLimitRule> rules = [.. options.Rules];
        RuleValidation.Validate(rules, "$.rules", errors);
        options.CheckKeysAndMatches(rules, "$.rules", errors);
        OverrideValidation.Validate([.. options.Overrides], rules, "$.overrides", errors);
        return errors.Count == 0 ? new RuleSet(rules, options.Overrides, options.Mode) : throw new InvalidRulesException(errors);
    }

    private static void ThrowIfOutside(int value, int least, int most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} has to be from {least} to {most}");
        }
    }
}

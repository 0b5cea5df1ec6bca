using System.Security.Cryptography;
using System.Threading.RateLimiting;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting;

/// <summary>Decides by rules whether a resource may pass, counting its use by partition keys computed from it.</summary>
/// <typeparam name="TResource">The kind of resource: an HTTP request, a message, anything.</typeparam>
/// <remarks>
/// All members are safe for use by several threads. A decision does not allocate, block, or take a lock that other keys share.
/// All rules that match have to agree, and a resource that one rule rejects consumes nothing from the others.
/// As a <see cref="PartitionedRateLimiter{TResource}"/> it fits wherever one is taken; <see cref="Decide(TResource)"/> says more and costs less.
/// </remarks>
public sealed partial class QuotaLimiter<TResource> : PartitionedRateLimiter<TResource>
{
    private readonly QuotaLimiterOptions<TResource> _options;
    private readonly QuotaClock _clock;
    private readonly QuotaTable _table;
    private readonly KeyHasher _secret;
    private readonly bool _rejectAtCap;
    private readonly DecisionCounts _counts = new();
    private volatile BoundRuleSet<TResource> _rules;

    /// <summary>Creates a limiter.</summary>
    /// <param name="options">What it is made from; not to be changed afterwards.</param>
    /// <exception cref="InvalidRulesException">A rule is invalid.</exception>
    /// <exception cref="ArgumentException">Another option is out of its range.</exception>
    public QuotaLimiter(QuotaLimiterOptions<TResource> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxKeys, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxKeys, QuotaLimiterOptions<TResource>.MaxMaxKeys);
        if (options.HashSecret is { Length: not QuotaLimiterOptions<TResource>.HashSecretLength })
        {
            throw new ArgumentException($"{nameof(options.HashSecret)} has to have {QuotaLimiterOptions<TResource>.HashSecretLength} bytes", nameof(options));
        }

        _options = options;
        _secret = new KeyHasher(options.HashSecret is { } secret
            ? secret.Span
            : RandomNumberGenerator.GetBytes(QuotaLimiterOptions<TResource>.HashSecretLength));
        _clock = new QuotaClock(options.TimeProvider);
        _rejectAtCap = options.KeyCap == KeyCapBehavior.Reject;
        _rules = BoundRuleSet<TResource>.Bind(CheckedRules(options), options, _secret);
        _table = new QuotaTable(options.MaxKeys);
    }

    /// <summary>The rules in force.</summary>
    public RuleSet Rules => _rules.Source;

    /// <summary>Keys held, including idle ones whose place was not needed yet.</summary>
    public int KeyCount => _table.Keys;

    /// <summary>Idle keys evicted since the start. They were as good as never seen, so nothing is lost with them.</summary>
    public long EvictedKeys => _table.Evicted;

    /// <summary>How often a key found no room since the start, and <see cref="QuotaLimiterOptions{TResource}.KeyCap"/> decided.</summary>
    public long RefusedKeys => _table.Refused;

    /// <summary>
    /// Puts other rules in force, for all decisions that begin from now on. Keys keep their counts as told at <see cref="RateLimitRule"/>.
    /// </summary>
    /// <param name="rules">The rules.</param>
    /// <exception cref="InvalidRulesException">A key part or match cannot be used; nothing has changed.</exception>
    public void Update(RuleSet rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _rules = BoundRuleSet<TResource>.Bind(rules, _options, _secret);
    }

    /// <summary>Checks rules against this limiter's key parts and matches, without putting them in force.</summary>
    /// <param name="rules">The rules.</param>
    /// <exception cref="InvalidRulesException">A key part or match cannot be used.</exception>
    public void Validate(RuleSet rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        BoundRuleSet<TResource>.Bind(rules, _options, _secret);
    }

    private static RuleSet CheckedRules(QuotaLimiterOptions<TResource> options)
    {
        List<RuleError> errors = [];
        IReadOnlyList<RateLimitRule> rules = [.. options.Rules];
        RuleValidation.Validate(rules, "$.rules", errors);
        options.CheckKeysAndMatches(rules, "$.rules", errors);
        return errors.Count == 0 ? new RuleSet(rules) : throw new InvalidRulesException(errors);
    }
}

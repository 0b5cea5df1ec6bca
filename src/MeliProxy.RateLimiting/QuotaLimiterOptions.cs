using System.Diagnostics.Metrics;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting;

/// <summary>What a <see cref="QuotaLimiter{TResource}"/> is made from.</summary>
/// <typeparam name="TResource">The kind of resource.</typeparam>
public sealed class QuotaLimiterOptions<TResource>
{
    /// <summary>The largest <see cref="MaxKeys"/>: 100 million.</summary>
    public const int MaxMaxKeys = 100_000_000;

    /// <summary>The largest <see cref="MaxQueued"/>: 1 million.</summary>
    public const int MaxMaxQueued = 1_000_000;

    /// <summary>The largest <see cref="TopKeys"/>: 1,000.</summary>
    public const int MaxTopKeys = 1_000;

    /// <summary>The length of <see cref="HashSecret"/>: 16 bytes.</summary>
    public const int HashSecretLength = 16;

    /// <summary>
    /// Told as the tag <c>limiter</c> of all its metrics, so that several limiters of one process can be told apart.
    /// <see langword="null"/>, the default: no tag.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>The rules to begin with. Default: none. Replaced while running by <see cref="QuotaLimiter{TResource}.Update"/>.</summary>
    public IList<RateLimitRule> Rules { get; init; } = [];

    /// <summary>Other limits for single keys to begin with. Default: none.</summary>
    public IList<RuleOverride> Overrides { get; init; } = [];

    /// <summary>
    /// <see cref="RuleMode.Shadow"/> puts all rules to begin with in shadow mode. Default: <see cref="RuleMode.Enforce"/>, each rule as it says.
    /// </summary>
    public RuleMode Mode { get; set; } = RuleMode.Enforce;

    /// <summary>The key parts that rules may use.</summary>
    public PartitionKeySources<TResource> KeySources { get; init; } = new();

    /// <summary>
    /// Turns the <see cref="RateLimitRule.Match"/> of a rule that has one into a test, once for each rule; throws
    /// <see cref="InvalidRulesException"/> with paths relative to the match if it cannot. <see langword="null"/>, the default: rules with a match
    /// are refused.
    /// </summary>
    public Func<RateLimitRule, Predicate<TResource>>? RuleMatcher { get; set; }

    /// <summary>
    /// Told when a key source or match throws, with the rule that then follows its <see cref="RateLimitRule.OnError"/>. Called on the request
    /// path by many threads at once; what it throws is ignored. Default: nobody is told, and <see cref="RuleCounts.Failed"/> counts.
    /// </summary>
    public Action<RateLimitRule, Exception>? ErrorHandler { get; set; }

    /// <summary>
    /// The cap on keys held at a time, 1 to <see cref="MaxMaxKeys"/>. Default: 1,000,000. A key takes at most 60 bytes, and none once it is
    /// idle and its place is needed.
    /// </summary>
    public int MaxKeys { get; set; } = 1_000_000;

    /// <summary>What happens when <see cref="MaxKeys"/> are in use. Default: <see cref="KeyCapBehavior.Admit"/>.</summary>
    public KeyCapBehavior KeyCap { get; set; } = KeyCapBehavior.Admit;

    /// <summary>
    /// How many resources may wait at a time, of all keys and rules together, 0 to <see cref="MaxMaxQueued"/>. Default: 10,000. More are
    /// rejected as if their rule had no <see cref="RateLimitRule.Queue"/>, and did not wait for leases.
    /// </summary>
    public int MaxQueued { get; set; } = 10_000;

    /// <summary>
    /// How many of the keys that use it most <see cref="QuotaLimiter{TResource}.GetTopKeys"/> tells for each rule, 0 to <see cref="MaxTopKeys"/>.
    /// Default: 100, which takes at most 300 KB for a rule, allocated as keys appear. 0: none, and no key's text is kept.
    /// </summary>
    public int TopKeys { get; set; } = 100;

    /// <summary>
    /// The secret of the hash that stands for keys, <see cref="HashSecretLength"/> bytes. <see langword="null"/>, the default: a random one.
    /// </summary>
    public ReadOnlyMemory<byte>? HashSecret { get; set; }

    /// <summary>
    /// This process's part in sharing, of this limiter alone. <see langword="null"/>, the default: nothing is shared, and shared rules count
    /// as local ones.
    /// </summary>
    public QuotaSharing? Sharing { get; set; }

    /// <summary>The clock. Default: <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>
    /// Makes the meter <c>MeliProxy.RateLimiting</c>, which shows what <see cref="QuotaLimiter{TResource}.GetRuleCounts"/> tells, and keys.
    /// <see langword="null"/>, the default: a meter of the limiter's own, which goes when the limiter is disposed of.
    /// </summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>
    /// Checks the key parts and matches of rules, which <see cref="RuleJson"/> and <see cref="RuleSet"/> cannot check because they depend on
    /// the kind of resource. The rules may have other errors, so that all can be told at once; nothing is added about a path of which
    /// <paramref name="errors"/> says something already.
    /// </summary>
    /// <param name="rules">The rules.</param>
    /// <param name="path">The JSON path of the list, such as <c>$.rules</c>.</param>
    /// <param name="errors">Receives everything that is wrong.</param>
    public void CheckKeysAndMatches(IReadOnlyList<RateLimitRule> rules, string path, ICollection<RuleError> errors)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(errors);
        HashSet<string> named = new(errors.Select(e => e.Path), StringComparer.Ordinal);
        List<RuleError> found = [];
        for (int i = 0; i < rules.Count; i++)
        {
            if (rules[i] is { } rule)
            {
                RuleBinding.Bind(rule, $"{path}[{i}]", this, found);
            }
        }

        foreach (RuleError error in found.Where(e => !named.Contains(e.Path)))
        {
            errors.Add(error);
        }
    }
}

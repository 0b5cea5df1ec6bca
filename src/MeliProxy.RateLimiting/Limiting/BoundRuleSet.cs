using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>An immutable snapshot of rules tied to a kind of resource.</summary>
internal sealed class BoundRuleSet<TResource>
{
    private BoundRuleSet(RuleSet source, BoundRule<TResource>[] rules)
    {
        Source = source;
        Rules = rules;
        HasQueues = rules.Any(r => r.Queue is not null);
    }

    public RuleSet Source { get; }

    public BoundRule<TResource>[] Rules { get; }

    /// <summary>Whether a rule lets resources wait.</summary>
    public bool HasQueues { get; }

    /// <exception cref="InvalidRulesException">A key part or match cannot be used; says all of it.</exception>
    public static BoundRuleSet<TResource> Bind(
        RuleSet rules, QuotaLimiterOptions<TResource> options, KeyHasher secret, OutcomeCounts counts)
    {
        List<RuleError> errors = [];
        List<BoundRule<TResource>> bound = [];
        ILookup<string, RuleOverride> overrides = rules.Overrides.ToLookup(o => o.Rule);
        for (int i = 0; i < rules.Count; i++)
        {
            RateLimitRule rule = rules[i];
            RuleSources<TResource> sources = RuleBinding.Bind(rule, $"$.rules[{i}]", options, errors);
            LeaseHolder? leases = rule.Scope == RuleScope.Shared ? options.Sharing?.Holder : null;
            bound.Add(new BoundRule<TResource>(
                rule, rules.Mode, [.. overrides[rule.Name]], leases?.Secret ?? secret, counts.RowOf(rule.Name), leases, sources));
        }

        return errors.Count == 0 ? new BoundRuleSet<TResource>(rules, [.. bound]) : throw new InvalidRulesException(errors);
    }
}

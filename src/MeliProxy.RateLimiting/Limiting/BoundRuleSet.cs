using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>An immutable snapshot of rules tied to a kind of resource.</summary>
internal sealed class BoundRuleSet<TResource>
{
    private BoundRuleSet(RuleSet source, BoundRule<TResource>[] rules)
    {
        Source = source;
        Rules = rules;
    }

    public RuleSet Source { get; }

    public BoundRule<TResource>[] Rules { get; }

    /// <exception cref="InvalidRulesException">A key part or match cannot be used; says all of it.</exception>
    public static BoundRuleSet<TResource> Bind(RuleSet rules, QuotaLimiterOptions<TResource> options, KeyHasher secret)
    {
        List<RuleError> errors = [];
        List<BoundRule<TResource>> bound = [];
        for (int i = 0; i < rules.Count; i++)
        {
            RateLimitRule rule = rules[i];
            string path = $"$.rules[{i}]";
            Predicate<TResource>? match = BindMatch(rule, path, options, errors);
            IPartitionKeySource<TResource>[] key = BindKey(rule, path, options, errors);
            bound.Add(new BoundRule<TResource>(rule, Limit.For(rule), secret, match, key));
        }

        return errors.Count == 0 ? new BoundRuleSet<TResource>(rules, [.. bound]) : throw new InvalidRulesException(errors);
    }

    /// <summary>Finds what <see cref="Bind"/> would throw; the rules may have other errors.</summary>
    public static List<RuleError> Check(IReadOnlyList<RateLimitRule> rules, string path, QuotaLimiterOptions<TResource> options)
    {
        List<RuleError> errors = [];
        for (int i = 0; i < rules.Count; i++)
        {
            if (rules[i] is { } rule)
            {
                BindMatch(rule, $"{path}[{i}]", options, errors);
                BindKey(rule, $"{path}[{i}]", options, errors);
            }
        }

        return errors;
    }

    private static Predicate<TResource>? BindMatch(
        RateLimitRule rule, string path, QuotaLimiterOptions<TResource> options, List<RuleError> errors)
    {
        if (rule.Match is null)
        {
            return null;
        }

        if (options.RuleMatcher is null)
        {
            errors.Add(new RuleError($"{path}.match", $"this limiter has no {nameof(options.RuleMatcher)}, so its rules cannot have a match"));
            return null;
        }

        try
        {
            return options.RuleMatcher(rule.Match);
        }
        catch (InvalidRulesException e)
        {
            foreach (RuleError error in e.Errors)
            {
                errors.Add(error with { Path = $"{path}.match{error.Path.TrimStart('$')}" });
            }

            return null;
        }
    }

    private static IPartitionKeySource<TResource>[] BindKey(
        RateLimitRule rule, string path, QuotaLimiterOptions<TResource> options, List<RuleError> errors)
    {
        List<IPartitionKeySource<TResource>> key = [];
        for (int i = 0; i < rule.Key?.Count; i++)
        {
            if (string.IsNullOrEmpty(rule.Key[i]))
            {
                continue;
            }

            if (options.KeySources.TryResolve(rule.Key[i], rule, out IPartitionKeySource<TResource>? source, out string? error))
            {
                key.Add(source);
            }
            else
            {
                errors.Add(new RuleError($"{path}.key[{i}]", error));
            }
        }

        return [.. key];
    }
}

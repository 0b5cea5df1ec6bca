using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>An immutable, checked list of rules with unique names, and overrides of their limits for single keys.</summary>
/// <remarks>Safe for use by several threads. Whether the key parts exist is known only to the limiter that takes the set.</remarks>
public sealed class RuleSet : IReadOnlyList<RateLimitRule>
{
    private readonly RateLimitRule[] _rules;

    /// <summary>Creates a set.</summary>
    /// <param name="rules">The rules, in the order in which they are reported.</param>
    /// <param name="overrides">Other limits for single keys. Default: none.</param>
    /// <param name="mode"><see cref="RuleMode.Shadow"/> puts all rules in shadow mode. Default: each as it says.</param>
    /// <exception cref="InvalidRulesException">A rule or override is invalid, or two are for the same; says all of it.</exception>
    public RuleSet(IEnumerable<RateLimitRule> rules, IEnumerable<RuleOverride>? overrides = null, RuleMode mode = RuleMode.Enforce)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _rules = [.. rules];
        Overrides = [.. overrides ?? []];
        Mode = mode;
        List<RuleError> errors = [];
        RuleValidation.Validate(_rules, "$.rules", errors);
        OverrideValidation.Validate(Overrides, _rules, "$.overrides", errors);
        RuleValidation.ValidateWord(mode, "mode", "$", errors);
        if (errors.Count > 0)
        {
            throw new InvalidRulesException(errors);
        }
    }

    /// <summary>Other limits for single keys; for each key of a rule at most one.</summary>
    public IReadOnlyList<RuleOverride> Overrides { get; }

    /// <summary><see cref="RuleMode.Shadow"/> if all rules are in shadow mode whatever they say themselves.</summary>
    public RuleMode Mode { get; }

    /// <summary>The set without rules, which allows everything.</summary>
    public static RuleSet Empty { get; } = new([]);

    /// <summary>How many rules there are.</summary>
    public int Count => _rules.Length;

    /// <summary>The rule at a position.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    public RateLimitRule this[int index] => _rules[index];

    /// <summary>Finds a rule by name; names are compared exactly.</summary>
    /// <param name="name">The name.</param>
    /// <param name="rule">The rule, if there is one.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(string name, [NotNullWhen(true)] out RateLimitRule? rule)
    {
        rule = Array.Find(_rules, r => r.Name == name);
        return rule is not null;
    }

    /// <inheritdoc/>
    public IEnumerator<RateLimitRule> GetEnumerator() => ((IEnumerable<RateLimitRule>)_rules).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

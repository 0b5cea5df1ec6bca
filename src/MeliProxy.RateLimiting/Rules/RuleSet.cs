using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>An immutable, checked list of rules with unique names.</summary>
/// <remarks>Safe for use by several threads. Whether the key parts exist is known only to the limiter that takes the set.</remarks>
public sealed class RuleSet : IReadOnlyList<RateLimitRule>
{
    private readonly RateLimitRule[] _rules;

    /// <summary>Creates a set.</summary>
    /// <param name="rules">The rules, in the order in which they are reported.</param>
    /// <exception cref="InvalidRulesException">A rule is invalid or two have the same name; says all of it.</exception>
    public RuleSet(IEnumerable<RateLimitRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _rules = [.. rules];
        List<RuleError> errors = [];
        RuleValidation.Validate(_rules, "$.rules", errors);
        if (errors.Count > 0)
        {
            throw new InvalidRulesException(errors);
        }
    }

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

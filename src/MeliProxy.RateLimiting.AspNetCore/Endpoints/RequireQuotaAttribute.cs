using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.AspNetCore;

/// <summary>Asks for rules that are for endpoints which require them by name: those with <see cref="RuleMatch.Endpoint"/>.</summary>
/// <remarks>
/// For controllers, actions, handlers and hubs; others say <c>RequireQuota</c> where they are mapped. What several of them name adds up.
/// Immutable.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class RequireQuotaAttribute : Attribute
{
    private readonly string[] _rules;

    /// <summary>Names the rules.</summary>
    /// <param name="rules">The names; at least one.</param>
    /// <exception cref="ArgumentException">There is none, or one is empty.</exception>
    public RequireQuotaAttribute(params string[] rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (rules.Length == 0 || rules.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("name the rules that the endpoint requires", nameof(rules));
        }

        _rules = [.. rules];
    }

    /// <summary>The names of the rules.</summary>
    public IReadOnlyList<string> Rules => _rules;

    internal bool Names(string rule) => Array.IndexOf(_rules, rule) >= 0;
}

using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    /// <summary>Tells where a key stands.</summary>
    /// <param name="rule">The name of a rule.</param>
    /// <param name="key">The values of the key's parts, in the order of <see cref="RateLimitRule.Key"/>; empty for a part that is missing.</param>
    /// <returns>Where it stands; <see langword="null"/> if there is no such rule.</returns>
    /// <exception cref="ArgumentException">The key has not a value for each part of the rule's.</exception>
    public KeyStanding? FindKey(string rule, IReadOnlyList<string> key)
    {
        if (FindRule(rule, key) is not { } bound)
        {
            return null;
        }

        QuotaInstant now = _engine.Clock.Now();
        KeyHash hash = bound.HashOf(key);
        int index = bound.LimitFor(hash);
        BoundLimit of = DecisionEngine.LimitOf(bound, ref index, now);
        bool isCounted = _engine.Table.Find(hash, out KeyState state) >= 0;
        if (!isCounted)
        {
            state = of.Limit.Fresh(hash, now);
        }

        QuotaStanding standing = of.Limit.Standing(state, Math.Max(bound.Rule.Cost, 1), now);
        return new KeyStanding
        {
            Rule = of.Rule,
            Override = of.Override,
            IsCounted = isCounted,
            Remaining = standing.Remaining,
            ResetAfter = standing.ResetAfter,
            RetryAfter = standing.RetryAfter,
        };
    }

    /// <summary>Forgets what a key has used, so that it has its whole quota.</summary>
    /// <param name="rule">The name of a rule.</param>
    /// <param name="key">The values of the key's parts, as for <see cref="FindKey"/>.</param>
    /// <returns>Whether there was anything to forget.</returns>
    /// <exception cref="ArgumentException">The key has not a value for each part of the rule's.</exception>
    /// <exception cref="InvalidOperationException">
    /// The rule counts what is under way, which ends by itself, or it is shared, so that what was used is in the ledger of all.
    /// </exception>
    public bool ForgetKey(string rule, IReadOnlyList<string> key)
    {
        if (FindRule(rule, key) is not { } bound)
        {
            return false;
        }

        if (bound.Rule.Algorithm == RateLimitAlgorithm.Concurrency)
        {
            throw new InvalidOperationException($"'{rule}' counts what is under way, which cannot be forgotten");
        }

        if (bound.Leases is not null)
        {
            throw new InvalidOperationException($"'{rule}' is shared, so what a key has used is not known to one process alone; an override changes its limit");
        }

        return _engine.Table.Remove(bound.HashOf(key));
    }

    private BoundRule<TResource>? FindRule(string rule, IReadOnlyList<string> key)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(key);
        BoundRule<TResource>? bound = Array.Find(_rules.Rules, r => r.Rule.Name == rule);
        if (bound is not null && key.Count != bound.Rule.Key.Count)
        {
            throw new ArgumentException($"must have a value for each key part of '{rule}': {string.Join(", ", bound.Rule.Key)}", nameof(key));
        }

        return bound;
    }
}

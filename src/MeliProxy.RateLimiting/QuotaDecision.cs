using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting;

/// <summary>Whether a resource may pass, and the state of the rule that decided: the one that rejected, or else the one nearest to its limit.</summary>
/// <remarks>A value that holds no resources; figures are those of the moment of the decision.</remarks>
public readonly struct QuotaDecision
{
    private readonly BoundRule? _rule;
    private readonly IReadOnlyList<string>? _violated;
    private readonly long _state;
    private readonly long _cost;
    private readonly QuotaInstant _now;

    internal QuotaDecision(BoundRule? rule, long state, long cost, in QuotaInstant now, IReadOnlyList<string>? violated)
    {
        _rule = rule;
        _state = state;
        _cost = cost;
        _now = now;
        _violated = violated;
    }

    /// <summary>Whether the resource may pass.</summary>
    public bool IsAllowed => _violated is null;

    /// <summary>The rule that decided, or <see langword="null"/> if no enforcing rule matched.</summary>
    public RateLimitRule? Rule => _rule?.Rule;

    /// <summary>The names of all enforcing rules that the resource would have violated; empty if it is allowed.</summary>
    public IReadOnlyList<string> ViolatedRules => _violated ?? [];

    /// <summary>Permits left to the key after this decision; 0 without a rule.</summary>
    public long Remaining => Standing.Remaining;

    /// <summary>Time until the key has its whole quota again.</summary>
    public TimeSpan ResetAfter => Standing.ResetAfter;

    /// <summary>Time until the same resource could pass this rule; zero if it is allowed.</summary>
    public TimeSpan RetryAfter => IsAllowed ? TimeSpan.Zero : Standing.RetryAfter;

    private QuotaStanding Standing => _rule?.Limit.Standing(_state, _cost, _now) ?? default;
}

using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting;

/// <summary>Whether a rule applies to a resource.</summary>
public enum RuleApplicability
{
    /// <summary>It applies.</summary>
    Applies,

    /// <summary>Its match does not hold for the resource.</summary>
    NotMatched,

    /// <summary>The resource lacks a part of its key, and the rule skips such resources.</summary>
    KeyMissing,

    /// <summary>It leaves the resource alone, which is in its list <see cref="RateLimitRule.Allow"/>.</summary>
    Exempt,

    /// <summary>It rejects the resource, which is in its list <see cref="RateLimitRule.Deny"/>.</summary>
    Denied,

    /// <summary>A key source or its match threw, and <see cref="RateLimitRule.OnError"/> decides.</summary>
    Failed,
}

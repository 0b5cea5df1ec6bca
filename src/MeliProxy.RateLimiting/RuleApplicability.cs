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
}

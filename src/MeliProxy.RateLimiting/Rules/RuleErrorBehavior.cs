namespace MeliProxy.RateLimiting.Rules;

/// <summary>What a rule does with a resource that it cannot judge because a key source or match throws.</summary>
public enum RuleErrorBehavior
{
    /// <summary>The rule lets it pass uncounted. In configuration: <c>open</c>.</summary>
    Open,

    /// <summary>The rule rejects it. In configuration: <c>closed</c>.</summary>
    Closed,
}

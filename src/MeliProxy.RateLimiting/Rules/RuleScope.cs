namespace MeliProxy.RateLimiting.Rules;

/// <summary>To whom a rule's quota belongs.</summary>
public enum RuleScope
{
    /// <summary>To this process. In configuration: <c>local</c>.</summary>
    Local,

    /// <summary>To all sidecars of a domain together. In configuration: <c>shared</c>.</summary>
    Shared,
}

namespace MeliProxy.RateLimiting.Rules;

/// <summary>What a rule does when its limit is passed.</summary>
public enum RuleMode
{
    /// <summary>Reject. In configuration: <c>enforce</c>.</summary>
    Enforce,

    /// <summary>Count and report, never reject. In configuration: <c>shadow</c>.</summary>
    Shadow,
}

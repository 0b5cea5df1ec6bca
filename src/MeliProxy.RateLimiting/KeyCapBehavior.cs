namespace MeliProxy.RateLimiting;

/// <summary>What happens to a resource whose key finds no room because all keys in the table are in use.</summary>
public enum KeyCapBehavior
{
    /// <summary>The rule lets it pass uncounted. In configuration: <c>admit</c>.</summary>
    Admit,

    /// <summary>The rule rejects it. In configuration: <c>reject</c>.</summary>
    Reject,

    /// <summary>The rule counts it together with all others that find no room. In configuration: <c>overflow</c>.</summary>
    Overflow,
}

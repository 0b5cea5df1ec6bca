namespace MeliProxy.RateLimiting.Rules;

/// <summary>What a rule does with a resource that lacks one of its key parts.</summary>
public enum MissingKeyBehavior
{
    /// <summary>Count it with the empty value for that part. In configuration: <c>empty</c>.</summary>
    Empty,

    /// <summary>Leave the resource alone: the rule does not apply. In configuration: <c>skip</c>.</summary>
    Skip,
}

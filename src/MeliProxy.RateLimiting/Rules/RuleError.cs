namespace MeliProxy.RateLimiting.Rules;

/// <summary>One thing that is wrong with a rule document.</summary>
/// <param name="Path">Where: a JSON path such as <c>$.rules[2].limit</c>.</param>
/// <param name="Message">What is wrong and what would be right, in one sentence without a final stop.</param>
public sealed record RuleError(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Message}";
}

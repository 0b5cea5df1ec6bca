namespace MeliProxy.RateLimiting.Rules;

/// <summary>Thrown when rules cannot be used. Names everything that is wrong, not only the first thing.</summary>
public sealed class InvalidRulesException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="errors">What is wrong; at least one.</param>
    public InvalidRulesException(IReadOnlyList<RuleError> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<RuleError> Errors { get; }
}

using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>A command cannot be carried out; nothing has changed.</summary>
internal sealed class CommandException : Exception
{
    /// <param name="code">One of <see cref="CommandError"/>.</param>
    /// <param name="errors">What is wrong and where; at least one.</param>
    public CommandException(string code, IReadOnlyList<RuleError> errors)
        : base(errors[0].Message)
    {
        Code = code;
        Errors = errors;
    }

    /// <param name="code">One of <see cref="CommandError"/>.</param>
    /// <param name="message">What is wrong, in one sentence without a final stop.</param>
    /// <param name="path">Where in the command.</param>
    public CommandException(string code, string message, string path = "$")
        : this(code, [new RuleError(path, message)])
    {
    }

    public string Code { get; }

    public IReadOnlyList<RuleError> Errors { get; }

    /// <summary>Throws if anything was found to be wrong.</summary>
    public static void ThrowIfAny(string code, IReadOnlyList<RuleError> errors)
    {
        if (errors.Count > 0)
        {
            throw new CommandException(code, errors);
        }
    }
}

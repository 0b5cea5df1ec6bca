using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>What a <see cref="RuleControl"/> is given.</summary>
public sealed record RuleControlOptions
{
    /// <summary>Where the document is kept.</summary>
    public required IRuleStore Store { get; init; }

    /// <summary>
    /// Puts rules in force, such as <see cref="QuotaLimiter{TResource}.Update"/>. Called by any thread, by one at a time. If it throws, what was
    /// in force is expected to stay so.
    /// </summary>
    public required Action<RuleSet> Apply { get; init; }

    /// <summary>
    /// Adds what is wrong with rules beyond what a <see cref="RuleSet"/> checks, such as key parts that there are not; the text is the JSON path
    /// of the list, see <see cref="QuotaLimiterOptions{TResource}.CheckKeysAndMatches"/>. Default: nothing is.
    /// </summary>
    public Action<IReadOnlyList<RateLimitRule>, string, ICollection<RuleError>>? Check { get; init; }

    /// <summary>The clock that scheduled changes go by. Default: <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// Told of each document that was put in force, with <see langword="null"/>, and of each that could not be, with the reason; for a log. Not
    /// told of the first if that is in force. Default: nobody is.
    /// </summary>
    public Action<RuleDocument, string?>? Applied { get; init; }
}

using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting;

/// <summary>Where one key of one rule stands in this process.</summary>
public sealed record KeyStanding
{
    /// <summary>The rule, with the limit that applies to the key, which may be that of <see cref="Override"/>.</summary>
    public required RateLimitRule Rule { get; init; }

    /// <summary>The override that is in force for the key; <see langword="null"/> if there is none.</summary>
    public required RuleOverride? Override { get; init; }

    /// <summary>Whether the key has counts; without, it stands as one that was never seen.</summary>
    public required bool IsCounted { get; init; }

    /// <summary>Permits the key has now; for a shared rule those leased by this process.</summary>
    public required long Remaining { get; init; }

    /// <summary>Time until the key has its whole quota again.</summary>
    public required TimeSpan ResetAfter { get; init; }

    /// <summary>Time until the rule's cost can be had; zero if it can now.</summary>
    public required TimeSpan RetryAfter { get; init; }
}

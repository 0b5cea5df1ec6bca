using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>The numbers of a shared limit, which is all that a ledger has to know of its rule.</summary>
internal sealed record LeaseTerms(
    RateLimitAlgorithm Algorithm, long Limit, TimeSpan Window, long Burst, CalendarPeriod? Calendar, string? TimeZone, long Cost)
{
    /// <summary>What takes longer than this to come back by itself is kept through the loss of an owner.</summary>
    private static readonly TimeSpan Forgettable = TimeSpan.FromSeconds(5);

    public LeaseTerms(RateLimitRule rule)
        : this(
            rule.Algorithm,
            rule.Limit,
            rule.Window,
            rule.Algorithm == RateLimitAlgorithm.TokenBucket ? rule.Capacity : 0,
            rule.Calendar,
            rule.TimeZone,
            Math.Max(rule.Cost, 1))
    {
    }

    /// <summary>Whether the ledger's account has to survive its owner.</summary>
    public bool IsDurable => Algorithm == RateLimitAlgorithm.TokenBucket
        ? (double)Burst / Limit * Window.TotalSeconds > Forgettable.TotalSeconds
        : Calendar is not null || Window >= Forgettable;

    /// <summary>The rule that has these numbers, under any name.</summary>
    public RateLimitRule ToRule() => new()
    {
        Name = "shared",
        Key = ["key"],
        Scope = RuleScope.Shared,
        Algorithm = Algorithm,
        Limit = Limit,
        Window = Window,
        Burst = Algorithm == RateLimitAlgorithm.TokenBucket ? Burst : null,
        Calendar = Calendar,
        TimeZone = TimeZone,
        Cost = Cost,
    };

    /// <summary>The algorithm with these numbers; <see langword="null"/> if they are not those of a rule.</summary>
    public Limit? ToLimit()
    {
        RateLimitRule rule = ToRule();
        List<RuleError> errors = [];
        RuleValidation.Validate(rule, "$", errors);
        return errors.Count == 0 && Limit > 0 ? Algorithms.Limit.For(rule) : null;
    }
}

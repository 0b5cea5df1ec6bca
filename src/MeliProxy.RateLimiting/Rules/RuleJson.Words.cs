namespace MeliProxy.RateLimiting.Rules;

/// <content>The words for what is one of a few things.</content>
public static partial class RuleJson
{
    private static readonly (string Name, RateLimitAlgorithm Value)[] AlgorithmNames =
    [
        ("token-bucket", RateLimitAlgorithm.TokenBucket),
        ("fixed-window", RateLimitAlgorithm.FixedWindow),
        ("sliding-window", RateLimitAlgorithm.SlidingWindow),
        ("concurrency", RateLimitAlgorithm.Concurrency),
    ];

    private static readonly (string Name, CalendarPeriod? Value)[] CalendarNames =
    [
        ("minute", CalendarPeriod.Minute),
        ("hour", CalendarPeriod.Hour),
        ("day", CalendarPeriod.Day),
        ("month", CalendarPeriod.Month),
    ];

    private static readonly (string Name, RuleScope Value)[] ScopeNames = [("local", RuleScope.Local), ("shared", RuleScope.Shared)];

    private static readonly (string Name, PartitionBehavior Value)[] PartitionNames =
    [
        ("share", PartitionBehavior.Share),
        ("local", PartitionBehavior.Local),
        ("open", PartitionBehavior.Open),
        ("closed", PartitionBehavior.Closed),
    ];

    private static readonly (string Name, ColdStartBehavior Value)[] ColdStartNames =
        [("optimistic", ColdStartBehavior.Optimistic), ("wait", ColdStartBehavior.Wait)];

    private static readonly (string Name, RuleMode Value)[] ModeNames = [("enforce", RuleMode.Enforce), ("shadow", RuleMode.Shadow)];

    private static readonly (string Name, MissingKeyBehavior Value)[] MissingKeyNames =
        [("empty", MissingKeyBehavior.Empty), ("skip", MissingKeyBehavior.Skip)];

    private static readonly (string Name, RuleErrorBehavior Value)[] ErrorNames =
        [("open", RuleErrorBehavior.Open), ("closed", RuleErrorBehavior.Closed)];

    /// <summary>The word for a mode.</summary>
    internal static string NameOf(RuleMode mode) => NameOf(ModeNames, mode);

    /// <summary>Takes a member that is a mode.</summary>
    internal static RuleMode ReadMode(JsonMembers members, RuleMode absent, RuleMode wrong = RuleMode.Enforce) =>
        members.ReadChoice("mode", ModeNames, absent, wrong);

    /// <summary>The word for a period.</summary>
    internal static string NameOf(CalendarPeriod calendar) => NameOf(CalendarNames, calendar);

    private static string NameOf<T>((string Name, T Value)[] names, T value) =>
        Array.Find(names, n => EqualityComparer<T>.Default.Equals(n.Value, value)).Name;
}

using CsCheck;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Tests.Algorithms;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

/// <summary>Rules whose counts survive a restart, with limits low enough to be met.</summary>
internal static class SnapshotRules
{
    /// <summary>Any number of milliseconds, as often of one length as of another, up to three days.</summary>
    public static readonly Gen<int> Milliseconds = RuleGen.UpTo(3 * 86_400_000).Select(ms => (int)ms);

    /// <summary>Windows of every unit that ends are kept in, down to milliseconds.</summary>
    private static readonly Gen<TimeSpan> Window =
        Gen.OneOfConst(700, 1_500, 1_000, 10_000, 60_000, 420_000, 3_600_000, 5_400_000, 86_400_000, 30 * 86_400_000L)
            .Select(ms => TimeSpan.FromMilliseconds(ms));

    public static Gen<RateLimitRule[]> Any => Rule(withCalendars: true).Array[1, 6].Select(Named);

    /// <summary>Without calendars, which move with the wall clock even where nothing was restarted.</summary>
    public static Gen<RateLimitRule[]> WithoutCalendars => Rule(withCalendars: false).Array[1, 6].Select(Named);

    private static Gen<RateLimitRule> Rule(bool withCalendars) =>
        Gen.Select(
            Gen.Int[0, withCalendars ? 3 : 2],
            Gen.Int[1, 12],
            Window,
            Gen.Enum<CalendarPeriod>(),
            Gen.OneOfConst("America/Sao_Paulo", null),
            Gen.Bool)
            .Select((algorithm, limit, window, period, zone, charges) => algorithm switch
            {
                0 => Rule(RateLimitAlgorithm.TokenBucket, limit, window, charges),
                1 => Rule(RateLimitAlgorithm.FixedWindow, limit, window, charges),
                2 => Rule(RateLimitAlgorithm.SlidingWindow, limit, window, charges),
                _ => Rule(RateLimitAlgorithm.FixedWindow, limit, default, charges) with { Calendar = period, TimeZone = zone },
            });

    private static RateLimitRule Rule(RateLimitAlgorithm algorithm, int limit, TimeSpan window, bool charges) =>
        new() { Name = "r", Key = ["ip"], Algorithm = algorithm, Limit = limit, Window = window, Charge = charges ? "bytes" : null };

    private static RateLimitRule[] Named(RateLimitRule[] rules) => [.. rules.Select((rule, i) => rule with { Name = $"r{i}" })];
}

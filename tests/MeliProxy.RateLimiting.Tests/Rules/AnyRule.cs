using CsCheck;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Tests.Algorithms;

namespace MeliProxy.RateLimiting.Tests.Rules;

/// <summary>Valid rules that have anything a rule can have.</summary>
internal static class AnyRule
{
    public static readonly Gen<string> Text = Gen.String[Gen.Char[" abc\"\\é/{}*<\n"], 1, 6];

    private static readonly Gen<RuleMatch?> Match =
        Gen.Select(Gen.Bool, Text, Text.Array[0, 2], Text.Array[0, 2], Text.Array[0, 2]).Select(
            RuleMatch? (has, path, methods, hosts, headers) => has
                ? new RuleMatch
                {
                    Path = path.Length > 3 ? path : null,
                    Methods = methods,
                    Hosts = hosts,
                    Headers = headers.DistinctBy(h => h.ToUpperInvariant()).ToDictionary(h => h, h => h + "!"),
                }
                : null);

    private static readonly Gen<RateLimitRule> Calendar =
        Gen.Select(RuleGen.UpTo(600_000_000), Gen.Enum<CalendarPeriod>(), Gen.OneOfConst(null, "UTC", "America/Sao_Paulo"))
            .Select((limit, calendar, timeZone) => RuleGen.Rule(RateLimitAlgorithm.FixedWindow, limit, TimeSpan.Zero, null) with
            {
                Calendar = calendar,
                TimeZone = timeZone,
            });

    private static readonly Gen<RateLimitRule> Concurrency = RuleGen.UpTo(RateLimitRule.MaxConcurrency)
        .Select(limit => RuleGen.Rule(RateLimitAlgorithm.Concurrency, limit, TimeSpan.Zero, null));

    private static readonly Gen<RateLimitRule> Numbers = Gen.OneOf(
        RuleGen.TokenBucket,
        RuleGen.FixedWindow,
        RuleGen.FixedWindow.Select(rule => rule with { Algorithm = RateLimitAlgorithm.SlidingWindow }),
        Calendar,
        Concurrency);

    private static readonly Gen<string?> Charge = Gen.OneOfConst(null, "tokens", "response-header:X-Cost:!~");

    private static readonly Gen<RuleQueue?> Queue =
        Gen.Select(Gen.Bool, RuleGen.UpTo(RuleQueue.MaxLimit), RuleGen.UpTo(3_600_000)).Select(
            RuleQueue? (has, limit, wait) => has ? new RuleQueue { Limit = (int)limit, MaxWait = TimeSpan.FromMilliseconds(wait) } : null);

    private static readonly Gen<string[]> List = Text.Array[0, 3].Select(texts => texts.Distinct().Select(t => $"part={t}").ToArray());

    public static readonly Gen<RateLimitRule> Complete = Gen.Select(
        Numbers,
        Gen.Select(Match, Text.Array[1, 8], Charge, Queue),
        Gen.Select(List, List, Gen.Int[0, 100]),
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool),
        Gen.Double[0, 1]).Select((rule, what, lists, words, cost) => With(rule, what, lists, words, cost));

    private static RateLimitRule With(
        RateLimitRule rule,
        (RuleMatch? Match, string[] Key, string? Charge, RuleQueue? Queue) what,
        (string[] Allow, string[] Deny, int Percent) lists,
        (bool Shared, bool Shadow, bool Skip, bool Closed) words,
        double cost)
    {
        bool isShared = words.Shared && CanBeShared(rule);
        string? charge = rule.Algorithm == RateLimitAlgorithm.Concurrency ? null : what.Charge;
        return rule with
        {
            Match = what.Match,
            Key = [.. what.Key.Distinct()],
            Charge = charge,
            Queue = what.Queue,
            Allow = lists.Allow,
            Deny = lists.Deny,
            EnforcePercent = lists.Percent,
            Scope = isShared ? RuleScope.Shared : RuleScope.Local,
            OnPartition = isShared ? (PartitionBehavior)(lists.Percent % 4) : PartitionBehavior.Share,
            ColdStart = isShared && words.Skip ? ColdStartBehavior.Wait : ColdStartBehavior.Optimistic,
            Mode = words.Shadow ? RuleMode.Shadow : RuleMode.Enforce,
            OnMissingKey = words.Skip ? MissingKeyBehavior.Skip : MissingKeyBehavior.Empty,
            OnError = words.Closed ? RuleErrorBehavior.Closed : RuleErrorBehavior.Open,
            Cost = Math.Max(charge is null ? 1 : 0, (long)(cost * (isShared ? Math.Min(rule.Capacity, RateLimitRule.MaxSharedCost) : rule.Capacity))),
        };
    }

    private static bool CanBeShared(RateLimitRule rule) => rule.Algorithm switch
    {
        RateLimitAlgorithm.TokenBucket => true,
        RateLimitAlgorithm.Concurrency => false,
        _ => rule.Calendar is not null || rule.Window >= RateLimitRule.MinSharedWindow,
    };
}

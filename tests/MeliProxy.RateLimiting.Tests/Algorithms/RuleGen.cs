using CsCheck;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

/// <summary>Valid rules over the whole range of numbers, small and large ones alike.</summary>
internal static class RuleGen
{
    public static readonly Gen<RateLimitRule> TokenBucket =
        Gen.Select(UpTo(3_000_000_000_000), Window, UpTo(1_000_000_000), Gen.Bool)
            .Select((limit, window, burst, hasBurst) => Rule(RateLimitAlgorithm.TokenBucket, limit, window, hasBurst ? burst : null))
            .Where(IsValid);

    public static readonly Gen<RateLimitRule> FixedWindow =
        Gen.Select(UpTo(3_000_000_000), Window)
            .Select((limit, window) => Rule(RateLimitAlgorithm.FixedWindow, limit, window, null))
            .Where(IsValid);

    public static readonly Gen<RateLimitRule> SlidingWindow =
        Gen.Select(UpTo(3_000_000_000_000), Window)
            .Select((limit, window) => Rule(RateLimitAlgorithm.SlidingWindow, limit, window, null))
            .Where(IsValid);

    private static Gen<TimeSpan> Window =>
        Gen.OneOf(
            UpTo(366L * 86_400_000).Select(ms => TimeSpan.FromMilliseconds(ms)),
            Gen.OneOfConst(1, 1_000, 60_000, 3_600_000, 86_400_000, 30 * 86_400_000L).Select(ms => TimeSpan.FromMilliseconds(ms)));

    /// <summary>A number from 1, as often of any one length as of another.</summary>
    public static Gen<long> UpTo(long max) => Gen.Double[0, Math.Log(max)].Select(log => Math.Clamp((long)Math.Exp(log), 1, max));

    public static RateLimitRule Rule(RateLimitAlgorithm algorithm, long limit, TimeSpan window, long? burst) =>
        new() { Name = "r", Key = ["global"], Algorithm = algorithm, Limit = limit, Window = window, Burst = burst };

    private static bool IsValid(RateLimitRule rule)
    {
        List<RuleError> errors = [];
        RuleValidation.Validate(rule, "$", errors);
        return errors.Count == 0;
    }
}

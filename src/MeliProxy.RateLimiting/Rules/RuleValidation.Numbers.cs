using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Rules;

/// <content>Limits, windows, bursts and costs, which bound each other.</content>
internal static partial class RuleValidation
{
    private const long MaxPermitsPerSecond = 10_000_000;

    /// <summary>
    /// Checks how much a rule gives out in what time. What another member bounds is checked against it only if that one is valid, so that
    /// no error is a mere consequence.
    /// </summary>
    public static void ValidateNumbers(RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        bool windowIsValid = ValidateWindow(rule, path, errors);
        long maxLimit = windowIsValid ? MaxLimit(rule) : long.MaxValue;
        bool limitIsValid = rule.Limit >= 0 && rule.Limit <= maxLimit;
        if (!limitIsValid)
        {
            errors.Add(new RuleError(
                $"{path}.limit",
                windowIsValid
                    ? $"must be from 0 (reject everything) to {maxLimit}{DescribeWindow(rule)}"
                    : "must be 0 (reject everything) or more"));
        }

        bool burstIsValid = ValidateBurst(rule, windowIsValid && limitIsValid, path, errors);
        bool capacityIsKnown = limitIsValid && burstIsValid && Enum.IsDefined(rule.Algorithm);

        // A limit of 0 rejects everything, so the cost cannot be too high for it.
        long maxCost = capacityIsKnown && rule.Limit > 0 ? rule.Capacity : long.MaxValue;
        long minCost = rule.Charge is null ? 1 : 0;
        if (rule.Cost < minCost || rule.Cost > maxCost)
        {
            errors.Add(new RuleError(
                $"{path}.cost",
                maxCost == long.MaxValue
                    ? $"must be {minCost} or more"
                    : $"must be from {minCost} to {maxCost}, the most that a key can hold; more could never be allowed"));
        }
    }

    /// <returns>Whether it is known over what time the limit is given out, if over any.</returns>
    private static bool ValidateWindow(RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        bool algorithmIsKnown = Enum.IsDefined(rule.Algorithm);
        bool hasWindow = rule.Window != TimeSpan.Zero;
        bool calendarIsValid = ValidateCalendar(rule, path, errors);
        if (rule.Algorithm == RateLimitAlgorithm.Concurrency)
        {
            if (hasWindow)
            {
                errors.Add(new RuleError($"{path}.window", "must be left out: concurrency has no window"));
            }

            return true;
        }

        if (rule.Calendar is not null && rule.Algorithm == RateLimitAlgorithm.FixedWindow)
        {
            if (hasWindow)
            {
                errors.Add(new RuleError($"{path}.window", "must be left out: the calendar says how long a window is"));
            }

            return calendarIsValid;
        }

        bool mayLackWindow = !algorithmIsKnown || rule.Calendar is not null;
        if (!hasWindow && mayLackWindow)
        {
            return false;
        }

        bool windowIsValid = rule.Window >= RateLimitRule.MinWindow && rule.Window <= RateLimitRule.MaxWindow
            && rule.Window.Ticks % TimeSpan.TicksPerMillisecond == 0;
        if (!windowIsValid)
        {
            errors.Add(new RuleError($"{path}.window", "must be from 1ms to 366d, in whole milliseconds"));
        }

        return windowIsValid && algorithmIsKnown && calendarIsValid;
    }

    private static bool ValidateCalendar(RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        if (rule.Calendar is not { } calendar)
        {
            return true;
        }

        if (!Enum.IsDefined(calendar))
        {
            ValidateWord(calendar, "calendar", path, errors);
            return false;
        }

        if (Enum.IsDefined(rule.Algorithm) && rule.Algorithm != RateLimitAlgorithm.FixedWindow)
        {
            errors.Add(new RuleError($"{path}.calendar", "only a fixed-window has a calendar"));
            return false;
        }

        return true;
    }

    private static bool ValidateBurst(RateLimitRule rule, bool rateIsValid, string path, ICollection<RuleError> errors)
    {
        if (rule.Burst is not { } burst)
        {
            return true;
        }

        bool isBucket = rule.Algorithm == RateLimitAlgorithm.TokenBucket;
        if (!isBucket && Enum.IsDefined(rule.Algorithm))
        {
            errors.Add(new RuleError($"{path}.burst", "only a token-bucket has a burst"));
            return false;
        }

        long maxBurst = rateIsValid && isBucket ? TokenBucketLimit.MaxBurst(rule.Limit, rule.Window) : long.MaxValue;
        if (burst < 1 || burst > maxBurst)
        {
            errors.Add(new RuleError(
                $"{path}.burst",
                maxBurst == long.MaxValue
                    ? "must be 1 or more"
                    : $"must be from 1 to {maxBurst}: a full burst has to refill within {DurationText.Format(RateLimitRule.MaxWindow)}"));
            return false;
        }

        return true;
    }

    private static long MaxLimit(RateLimitRule rule)
    {
        if (rule.Algorithm == RateLimitAlgorithm.Concurrency)
        {
            return RateLimitRule.MaxConcurrency;
        }

        long maxForRate = (long)(MaxPermitsPerSecond * (Int128)rule.NominalWindow.Ticks / TimeSpan.TicksPerSecond);
        return rule.Algorithm == RateLimitAlgorithm.TokenBucket ? maxForRate : Math.Min(maxForRate, LayoutOf(rule).MaxCount / 2);
    }

    /// <summary>How a window is kept; one of a calendar ends on a full minute, as time zones are whole minutes from UTC.</summary>
    private static WindowLayout LayoutOf(RateLimitRule rule) =>
        WindowLayout.For(rule.Calendar is null ? rule.Window : TimeSpan.FromMinutes(1));

    private static string DescribeWindow(RateLimitRule rule) => rule switch
    {
        { Algorithm: RateLimitAlgorithm.Concurrency } => "",
        { Calendar: { } calendar } => $" for a calendar {RuleJson.NameOf(calendar)}",
        _ => $" for a window of {DurationText.Format(rule.Window)}",
    };
}

namespace MeliProxy.RateLimiting.Rules;

/// <content>What rules that are shared can be.</content>
internal static partial class RuleValidation
{
    private static void ValidateSharing(RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        ValidateWord(rule.OnPartition, "onPartition", path, errors);
        ValidateWord(rule.ColdStart, "coldStart", path, errors);
        if (rule.Scope == RuleScope.Local)
        {
            if (rule.OnPartition != PartitionBehavior.Share && Enum.IsDefined(rule.OnPartition))
            {
                errors.Add(new RuleError($"{path}.onPartition", "is for rules with \"scope\": \"shared\" only; a local rule is never cut off"));
            }

            if (rule.ColdStart != ColdStartBehavior.Optimistic && Enum.IsDefined(rule.ColdStart))
            {
                errors.Add(new RuleError($"{path}.coldStart", "is for rules with \"scope\": \"shared\" only; a local rule has nobody to ask"));
            }

            return;
        }

        if (rule.Algorithm == RateLimitAlgorithm.Concurrency)
        {
            errors.Add(new RuleError(
                $"{path}.scope",
                "concurrency cannot be shared: nobody can tell whether what a lost process held has ended; make it local"));
        }
        else if (rule.Algorithm is RateLimitAlgorithm.FixedWindow or RateLimitAlgorithm.SlidingWindow
            && rule.Window > TimeSpan.Zero && rule.Window < RateLimitRule.MinSharedWindow)
        {
            errors.Add(new RuleError(
                $"{path}.window",
                "must be 1s or longer for a shared rule, as leases take a few milliseconds; share a token-bucket, or make it local"));
        }

        if (rule.Cost > RateLimitRule.MaxSharedCost && rule.Cost <= rule.Capacity)
        {
            errors.Add(new RuleError($"{path}.cost", $"must be at most {RateLimitRule.MaxSharedCost} for a shared rule"));
        }
    }
}

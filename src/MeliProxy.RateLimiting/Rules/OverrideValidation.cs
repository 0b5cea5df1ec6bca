namespace MeliProxy.RateLimiting.Rules;
internal static class OverrideValidation
{
    public static void Validate(IReadOnlyList<RuleOverride> overrides, IReadOnlyList<RateLimitRule> rules, string path, ICollection<RuleError> errors) { }
}

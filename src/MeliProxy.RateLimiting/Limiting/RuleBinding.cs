using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Finds what a rule's words mean for a kind of resource, and all that is wrong with them.</summary>
internal static class RuleBinding
{
    /// <summary>Binds a rule, which may have other errors. What cannot be used is left out and added to <paramref name="errors"/>.</summary>
    public static RuleSources<TResource> Bind<TResource>(
        RateLimitRule rule, string path, QuotaLimiterOptions<TResource> options, List<RuleError> errors) => new(
        BindMatch(rule, path, options, errors),
        BindKey(rule, path, options, errors),
        BindList(rule.Allow, rule, $"{path}.allow", options, errors),
        BindList(rule.Deny, rule, $"{path}.deny", options, errors));

    private static Predicate<TResource>? BindMatch<TResource>(
        RateLimitRule rule, string path, QuotaLimiterOptions<TResource> options, List<RuleError> errors)
    {
        if (rule.Match is null)
        {
            return null;
        }

        if (options.RuleMatcher is null)
        {
            errors.Add(new RuleError($"{path}.match", $"this limiter has no {nameof(options.RuleMatcher)}, so its rules cannot have a match"));
            return null;
        }

        try
        {
            return options.RuleMatcher(rule);
        }
        catch (InvalidRulesException e)
        {
            foreach (RuleError error in e.Errors)
            {
                errors.Add(error with { Path = $"{path}.match{error.Path.TrimStart('$')}" });
            }

            return null;
        }
    }

    private static IPartitionKeySource<TResource>[] BindKey<TResource>(
        RateLimitRule rule, string path, QuotaLimiterOptions<TResource> options, List<RuleError> errors)
    {
        List<IPartitionKeySource<TResource>> key = [];
        for (int i = 0; i < rule.Key?.Count; i++)
        {
            if (!string.IsNullOrEmpty(rule.Key[i]) && Resolve(rule.Key[i], rule, $"{path}.key[{i}]", options, errors) is { } source)
            {
                key.Add(source);
            }
        }

        return [.. key];
    }

    /// <summary>Binds the entries, each <c>part=value</c>; ones that are not so are reported elsewhere.</summary>
    private static ResourceList<TResource>? BindList<TResource>(
        IReadOnlyList<string>? list, RateLimitRule rule, string path, QuotaLimiterOptions<TResource> options, List<RuleError> errors)
    {
        Dictionary<string, (IPartitionKeySource<TResource>? Source, HashSet<string> Values)> parts = new(StringComparer.Ordinal);
        for (int i = 0; i < list?.Count; i++)
        {
            if (list[i]?.Split('=', 2) is [{ Length: > 0 } part, var value])
            {
                if (!parts.TryGetValue(part, out (IPartitionKeySource<TResource>?, HashSet<string> Values) known))
                {
                    known = (Resolve(part, rule, $"{path}[{i}]", options, errors), new HashSet<string>(StringComparer.Ordinal));
                    parts.Add(part, known);
                }

                known.Values.Add(value);
            }
        }

        return parts.Count == 0
            ? null
            : new ResourceList<TResource>(parts.Values.Where(p => p.Source is not null).Select(p => (p.Source!, new ValueList(p.Values))));
    }

    private static IPartitionKeySource<TResource>? Resolve<TResource>(
        string part, RateLimitRule rule, string path, QuotaLimiterOptions<TResource> options, List<RuleError> errors)
    {
        if (options.KeySources.TryResolve(part, rule, out IPartitionKeySource<TResource>? source, out string? error))
        {
            return source;
        }

        errors.Add(new RuleError(path, error));
        return null;
    }
}

using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Endpoints;

/// <summary>Finds endpoints whose requirements a set of rules does not meet, which else would go without the limit they ask for.</summary>
internal static class EndpointRequirements
{
    /// <summary>One sentence for each rule that an endpoint requires in vain.</summary>
    public static IEnumerable<string> FindUnmet(IEnumerable<Endpoint> endpoints, RuleSet rules) =>
        from endpoint in endpoints
        from requirement in endpoint.Metadata.GetOrderedMetadata<RequireQuotaAttribute>()
        from name in requirement.Rules
        let problem = Describe(name, rules)
        where problem is not null
        select $"the endpoint '{endpoint.DisplayName}' requires the rule '{name}', which {problem}";

    private static string? Describe(string name, RuleSet rules) =>
        rules.TryGet(name, out RateLimitRule? rule)
            ? rule.Match?.Endpoint == true ? null : "is for all requests; give it match.endpoint, or do not require it"
            : $"is unknown; known are {Known(rules)}";

    private static string Known(RuleSet rules) => rules.Count == 0 ? "none" : string.Join(", ", rules.Select(rule => rule.Name));
}

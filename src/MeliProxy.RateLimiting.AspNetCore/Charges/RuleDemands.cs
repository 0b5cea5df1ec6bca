using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.AspNetCore.Charges;

/// <summary>What a set of rules demands of those who serve requests, beyond a decision: to wait, and to tell what was used.</summary>
internal sealed class RuleDemands
{
    public const string ResponseBytes = "response-bytes";
    public const string RequestBytes = "request-bytes";

    /// <summary>Begins the charges that a header of the response tells; its name follows.</summary>
    public const string ResponseHeader = "response-header:";

    public RuleDemands(RuleSet rules)
    {
        Rules = rules;
        Waits = rules.Any(LetsWait);
        CountsResponseBytes = rules.Any(rule => rule.Charge == ResponseBytes);
        CountsRequestBytes = rules.Any(rule => rule.Charge == RequestBytes);
        ResponseHeaders =
        [
            .. rules.Select(rule => rule.Charge)
                .OfType<string>()
                .Where(charge => charge.StartsWith(ResponseHeader, StringComparison.Ordinal))
                .Distinct()
                .Select(charge => (charge, charge[ResponseHeader.Length..])),
        ];
    }

    /// <summary>Whether requests may wait for a rule: in its queue, or for the first lease of a key.</summary>
    public static bool LetsWait(RateLimitRule rule) =>
        rule.Queue is not null || rule is { Scope: RuleScope.Shared, ColdStart: ColdStartBehavior.Wait };

    public RuleSet Rules { get; }

    /// <summary>Whether requests may wait.</summary>
    public bool Waits { get; }

    public bool CountsResponseBytes { get; }

    public bool CountsRequestBytes { get; }

    /// <summary>Charges that a header of the response tells.</summary>
    public IReadOnlyList<(string Charge, string Header)> ResponseHeaders { get; }
}

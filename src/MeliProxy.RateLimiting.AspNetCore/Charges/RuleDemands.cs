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
        Waits = rules.Any(rule => rule.Queue is not null);
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

    public RuleSet Rules { get; }

    /// <summary>Whether requests may wait in a queue.</summary>
    public bool Waits { get; }

    public bool CountsResponseBytes { get; }

    public bool CountsRequestBytes { get; }

    /// <summary>Charges that a header of the response tells.</summary>
    public IReadOnlyList<(string Charge, string Header)> ResponseHeaders { get; }
}

namespace MeliProxy.RateLimiting.AspNetCore;

/// <summary>Carries a decision that is not settled yet to those who serve the request.</summary>
internal sealed class QuotaDecisionFeature(in QuotaDecision decision)
{
    public QuotaDecision Decision { get; } = decision;
}

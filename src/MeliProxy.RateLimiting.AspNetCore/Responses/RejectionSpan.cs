using System.Diagnostics;

namespace MeliProxy.RateLimiting.AspNetCore.Responses;

/// <summary>Says in the span of a request that is recorded which rule rejected it.</summary>
internal static class RejectionSpan
{
    public static void Describe(in QuotaDecision decision)
    {
        if (Activity.Current is { IsAllDataRequested: true } span)
        {
            span.SetTag("meliproxy.rate_limiting.outcome", "limited");
            span.SetTag("meliproxy.rate_limiting.rule", decision.Rule!.Name);
        }
    }
}

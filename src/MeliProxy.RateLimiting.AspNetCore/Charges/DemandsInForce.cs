using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Charges;

/// <summary>The demands of the rules that a limiter has in force, worked out once for each set of rules.</summary>
internal sealed class DemandsInForce(QuotaLimiter<HttpContext> limiter)
{
    private volatile RuleDemands _latest = new(limiter.Rules);

    public RuleDemands Current
    {
        get
        {
            RuleSet rules = limiter.Rules;
            RuleDemands latest = _latest;
            return latest.Rules == rules ? latest : _latest = new RuleDemands(rules);
        }
    }
}

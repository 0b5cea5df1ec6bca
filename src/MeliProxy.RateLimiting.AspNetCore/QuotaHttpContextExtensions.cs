using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore;
using MeliProxy.RateLimiting.Rules;

namespace Microsoft.AspNetCore.Http;

/// <summary>Reaches the decision about a request from where it is served.</summary>
public static class QuotaHttpContextExtensions
{
    /// <summary>
    /// The decision to charge, as in <c>context.GetQuotaDecision().Charge("tokens", 250)</c>, or to refund. It is kept only where something
    /// is left to settle, which is so where a rule that applies to the request has a <see cref="RateLimitRule.Charge"/>; otherwise this is
    /// a decision about nothing, which allows and for which charges do nothing.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <returns>
    /// The decision. It is settled, and takes no more charges, when the request has been served; do not dispose of it before.
    /// </returns>
    public static QuotaDecision GetQuotaDecision(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<QuotaDecisionFeature>()?.Decision ?? default;
    }
}

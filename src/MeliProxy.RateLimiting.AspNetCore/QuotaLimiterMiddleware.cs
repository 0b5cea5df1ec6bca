using MeliProxy.RateLimiting.AspNetCore.Responses;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore;

/// <summary>Lets a request pass if its quotas allow, and answers 429 otherwise.</summary>
internal sealed class QuotaLimiterMiddleware
{
    private readonly RequestDelegate _next;
    private readonly QuotaLimiter<HttpContext> _limiter;

    public QuotaLimiterMiddleware(RequestDelegate next, QuotaLimiter<HttpContext> limiter)
    {
        _next = next;
        _limiter = limiter;
    }

    public Task InvokeAsync(HttpContext context)
    {
        QuotaDecision decision = _limiter.Decide(context);
        if (!decision.IsAllowed)
        {
            return QuotaResponse.RejectAsync(context, decision);
        }

        QuotaResponse.AddHeaders(context, decision);
        return _next(context);
    }
}

using MeliProxy.RateLimiting.AspNetCore.Charges;
using MeliProxy.RateLimiting.AspNetCore.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MeliProxy.RateLimiting.AspNetCore;

/// <summary>Lets a request pass if its quotas allow, and answers 429 otherwise.</summary>
/// <remarks>
/// 1. Most requests are decided at once and leave nothing to settle: the next one's task is handed on as it is.
/// 2. Where a rule in force has a queue, the decision may take time.
/// 3. Where something is left to settle, that is done when the request has been served, however it ends.
/// </remarks>
internal sealed class QuotaLimiterMiddleware
{
    private readonly RequestDelegate _next;
    private readonly QuotaLimiter<HttpContext> _limiter;
    private readonly DemandsInForce _demands;
    private readonly ILogger _logger;
    private readonly LogThrottle _throttle;

    public QuotaLimiterMiddleware(RequestDelegate next, QuotaLimiter<HttpContext> limiter, ILogger logger, TimeProvider time)
    {
        _next = next;
        _limiter = limiter;
        _demands = new DemandsInForce(limiter);
        _logger = logger;
        _throttle = new LogThrottle(time);
    }

    public Task InvokeAsync(HttpContext context)
    {
        RuleDemands demands = _demands.Current;
        if (!demands.Waits)
        {
            return ServeAsync(context, _limiter.Decide(context), demands);
        }

        ValueTask<QuotaDecision> decision = _limiter.DecideAsync(context, cancellationToken: context.RequestAborted);
        return decision.IsCompletedSuccessfully
            ? ServeAsync(context, decision.Result, demands)
            : WaitAndServeAsync(context, decision, demands);
    }

    private async Task WaitAndServeAsync(HttpContext context, ValueTask<QuotaDecision> waiting, RuleDemands demands)
    {
        QuotaDecision decision;
        try
        {
            decision = await waiting;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone, so there is nobody to answer.
            return;
        }

        await ServeAsync(context, decision, demands);
    }

    private Task ServeAsync(HttpContext context, in QuotaDecision decision, RuleDemands demands)
    {
        if (!decision.IsAllowed)
        {
            return QuotaResponse.RejectAsync(context, decision);
        }

        if (decision.IsUnsettled)
        {
            return ServeAndSettleAsync(context, decision, demands);
        }

        QuotaResponse.AddHeaders(context, decision);
        return _next(context);
    }

    private async Task ServeAndSettleAsync(HttpContext context, QuotaDecision decision, RuleDemands demands)
    {
        using QuotaDecision unsettled = decision;
        using HttpCharges charges = new(context, demands);
        try
        {
            QuotaResponse.AddHeaders(context, unsettled);
            context.Features.Set(new QuotaDecisionFeature(unsettled));
            charges.Begin();
            await _next(context);
        }
        finally
        {
            charges.Charge(unsettled, _logger, _throttle);
        }
    }
}

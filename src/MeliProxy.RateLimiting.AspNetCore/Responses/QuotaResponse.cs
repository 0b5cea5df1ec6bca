using System.Globalization;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Responses;

/// <summary>Writes decisions into HTTP answers.</summary>
internal static class QuotaResponse
{
    private const string PolicyHeader = "RateLimit-Policy";
    private const string StandingHeader = "RateLimit";

    /// <summary>Adds the two headers that tell a client where it stands.</summary>
    public static void AddHeaders(HttpContext context, in QuotaDecision decision)
    {
        if (decision.Rule is { } rule)
        {
            RuleResponse response = RuleResponse.Of(rule);
            IHeaderDictionary headers = context.Response.Headers;
            headers[PolicyHeader] = response.Policy;
            headers[StandingHeader] = response.FormatStanding(decision.Remaining, decision.ResetAfter);
        }
    }

    /// <summary>Answers 429.</summary>
    public static Task RejectAsync(HttpContext context, in QuotaDecision decision)
    {
        AddHeaders(context, decision);
        HttpResponse response = context.Response;
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        long seconds = Math.Max(RuleResponse.CeilingSeconds(decision.RetryAfter), 1);
        response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        response.ContentType = QuotaExceededProblem.ContentType;
        ReadOnlyMemory<byte> body = decision is { ViolatedRules.Count: 1, Rule: RateLimitRule rule }
            ? RuleResponse.Of(rule).Problem
            : QuotaExceededProblem.Format(decision.ViolatedRules);
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }
}

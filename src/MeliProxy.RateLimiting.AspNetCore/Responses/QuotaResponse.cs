using System.IO.Pipelines;
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
            AddHeaders(context, RuleResponse.Of(rule), decision.Standing);
        }
    }

    /// <summary>Answers 429.</summary>
    public static Task RejectAsync(HttpContext context, in QuotaDecision decision)
    {
        QuotaStanding standing = decision.Standing;
        RejectionSpan.Describe(decision);
        RuleResponse rule = RuleResponse.Of(decision.Rule!);
        AddHeaders(context, rule, standing);
        HttpResponse response = context.Response;
        response.StatusCode = StatusCodes.Status429TooManyRequests;

        // Where nobody knows when permits come back, as with those in use now, a second is a polite guess.
        response.Headers.RetryAfter = Seconds.Format(Math.Max(Seconds.Ceiling(standing.RetryAfter), 1));
        response.ContentType = QuotaExceededProblem.ContentType;
        byte[] body = decision.ViolatedRules.Count == 1 ? rule.Problem : QuotaExceededProblem.Of(decision.ViolatedRules);
        response.ContentLength = body.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        // It ends by itself when the client goes; a token for that would be made for each request.
        ValueTask<FlushResult> writing = response.BodyWriter.WriteAsync(body, CancellationToken.None);
        return writing.IsCompletedSuccessfully ? Task.CompletedTask : writing.AsTask();
    }

    private static void AddHeaders(HttpContext context, RuleResponse rule, in QuotaStanding standing)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers[PolicyHeader] = rule.Policy;
        headers[StandingHeader] = rule.FormatStanding(standing);
    }
}

using System.Text.Json;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Commands;
using MeliProxy.Sidecar.Http;

namespace MeliProxy.Sidecar.Admin;

/// <summary>What each rule would make of a request now.</summary>
internal sealed class ExplainEndpoint(QuotaLimiter<HttpContext> limiter)
{
    private const int MaxLength = 65_536;

    public void Map(WebApplication app) => app.MapPost("/api/v1/explain", ExplainAsync);

    private async Task ExplainAsync(HttpContext context)
    {
        if (context.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true
            || context.Request.ContentLength is not <= MaxLength)
        {
            await Problem.WriteAsync(
                context,
                StatusCodes.Status415UnsupportedMediaType,
                "Unsupported media type",
                $"Send JSON of at most {MaxLength} bytes, with 'Content-Type: application/json' and 'Content-Length'.");
            return;
        }

        List<RuleError> errors = [];
        HttpContext? request = await ReadAsync(context, errors);
        if (request is null)
        {
            await Problem.WriteAsync(
                context,
                StatusCodes.Status400BadRequest,
                "Not valid",
                $"{errors[0]}.",
                writer =>
                {
                    writer.WriteString("code", CommandError.InvalidRequest);
                    writer.WriteString("path", errors[0].Path);
                });
            return;
        }

        IReadOnlyList<RuleExplanation> explanations = limiter.Explain(request);
        context.Response.ContentType = "application/json";
        await using Utf8JsonWriter writer = new(context.Response.BodyWriter, Problem.Readable);
        writer.WriteStartObject();
        writer.WriteStartArray("rules");
        foreach (RuleExplanation explanation in explanations)
        {
            Write(writer, explanation);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static async Task<HttpContext?> ReadAsync(HttpContext context, List<RuleError> errors)
    {
        try
        {
            using JsonDocument document = await JsonDocument.ParseAsync(
                context.Request.Body, new JsonDocumentOptions { MaxDepth = 4 }, context.RequestAborted);
            JsonMembers members = new(document.RootElement, "$", errors);
            string method = members.ReadString("method") ?? "GET";
            string url = members.ReadString("url", required: true) ?? "/";
            string from = members.ReadString("from") ?? "127.0.0.1";
            string[] headers = [.. members.ReadStringMap("headers").Select(header => $"{header.Key}: {header.Value}")];
            members.RejectUnknown();
            if (errors.Count > 0)
            {
                return null;
            }

            if (SampleRequest.TryCreate(method, url, headers, from, out HttpContext? request, out string? error))
            {
                return request;
            }

            errors.Add(new RuleError("$", error));
        }
        catch (JsonException)
        {
            errors.Add(new RuleError("$", "is no JSON"));
        }

        return null;
    }

    private static void Write(Utf8JsonWriter writer, RuleExplanation explanation)
    {
        writer.WriteStartObject();
        writer.WriteString("rule", explanation.Rule.Name);
        writer.WriteString("applicability", explanation.Applicability switch
        {
            RuleApplicability.Applies => "applies",
            RuleApplicability.NotMatched => "not-matched",
            RuleApplicability.KeyMissing => "key-missing",
            RuleApplicability.Exempt => "exempt",
            RuleApplicability.Denied => "denied",
            _ => "failed",
        });
        writer.WriteStartArray("key");
        foreach (string? part in explanation.Key)
        {
            writer.WriteStringValue(part);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("allowed", explanation.IsAllowed);
        writer.WriteBoolean("enforced", explanation.IsEnforced);
        writer.WriteNumber("limit", explanation.Rule.Limit);
        writer.WriteNumber("remaining", explanation.Remaining);
        writer.WriteNumber("resetAfterMs", Math.Ceiling(explanation.ResetAfter.TotalMilliseconds));
        writer.WriteNumber("retryAfterMs", Math.Ceiling(explanation.RetryAfter.TotalMilliseconds));
        if (explanation.Override is { } value)
        {
            writer.WritePropertyName("override");
            RuleJson.WriteOverride(writer, value);
        }

        if (explanation.Failure is { } failure)
        {
            writer.WriteString("failure", failure);
        }

        writer.WriteEndObject();
    }
}

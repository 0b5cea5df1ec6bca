using System.Text.Json;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Http;

namespace MeliProxy.Sidecar.Admin;

/// <summary>Where single keys stand in this sidecar.</summary>
internal sealed class KeyEndpoints(QuotaLimiter<HttpContext> limiter)
{
    private const string Path = "/api/v1/rules/{name}/keys/{**key}";

    public void Map(WebApplication app)
    {
        app.MapGet(Path, GetAsync);
        app.MapDelete(Path, ForgetAsync);
    }

    private async Task GetAsync(HttpContext context)
    {
        (string rule, IReadOnlyList<string> key) = Read(context);
        KeyStanding? standing;
        try
        {
            standing = limiter.FindKey(rule, key);
        }
        catch (ArgumentException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "Not valid", CommandError.InvalidRequest, Sentence(e));
            return;
        }

        if (standing is null)
        {
            await RefuseUnknownAsync(context, rule);
            return;
        }

        context.Response.ContentType = "application/json";
        await using Utf8JsonWriter writer = new(context.Response.BodyWriter, Problem.Readable);
        writer.WriteStartObject();
        writer.WriteString("rule", rule);
        writer.WriteStartArray("key");
        foreach (string part in key)
        {
            writer.WriteStringValue(part);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("counted", standing.IsCounted);
        writer.WriteNumber("limit", standing.Rule.Limit);
        writer.WriteNumber("remaining", standing.Remaining);
        writer.WriteNumber("resetAfterMs", Math.Ceiling(standing.ResetAfter.TotalMilliseconds));
        writer.WriteNumber("retryAfterMs", Math.Ceiling(standing.RetryAfter.TotalMilliseconds));
        if (standing.Override is { } value)
        {
            writer.WritePropertyName("override");
            RuleJson.WriteOverride(writer, value);
        }

        writer.WriteEndObject();
    }

    private async Task ForgetAsync(HttpContext context)
    {
        (string rule, IReadOnlyList<string> key) = Read(context);
        try
        {
            if (!limiter.Rules.TryGet(rule, out _))
            {
                await RefuseUnknownAsync(context, rule);
                return;
            }

            bool forgotten = limiter.ForgetKey(rule, key);
            context.Response.ContentType = "application/json";
            await using Utf8JsonWriter writer = new(context.Response.BodyWriter, Problem.Readable);
            writer.WriteStartObject();
            writer.WriteBoolean("forgotten", forgotten);
            writer.WriteEndObject();
        }
        catch (ArgumentException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "Not valid", CommandError.InvalidRequest, Sentence(e));
        }
        catch (InvalidOperationException e)
        {
            await RefuseAsync(context, StatusCodes.Status409Conflict, "Conflict", CommandError.Conflict, $"{e.Message}.");
        }
    }

    private static (string Rule, IReadOnlyList<string> Key) Read(HttpContext context) =>
        ((string)context.Request.RouteValues["name"]!, KeyPath.Read(context) ?? []);

    /// <summary>The message without the name of a parameter, which the runtime adds.</summary>
    private static string Sentence(ArgumentException e) => $"The key {e.Message.Replace(" (Parameter 'key')", "", StringComparison.Ordinal)}.";

    private static Task RefuseUnknownAsync(HttpContext context, string rule) =>
        RefuseAsync(context, StatusCodes.Status404NotFound, "Not found", CommandError.UnknownRule, $"There is no rule '{rule}'.");

    private static Task RefuseAsync(HttpContext context, int status, string title, string code, string detail) =>
        Problem.WriteAsync(context, status, title, detail, writer => writer.WriteString("code", code));
}

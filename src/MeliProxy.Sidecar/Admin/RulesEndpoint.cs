using System.Text.Json;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Admin;

/// <summary>The rules in force, and what changes them for single keys and all together.</summary>
internal static class RulesEndpoint
{
    public static void Map(WebApplication app, QuotaLimiter<HttpContext> limiter) =>
        app.MapGet("/api/v1/rules", context => ListAsync(context, limiter.Rules));

    private static async Task ListAsync(HttpContext context, RuleSet rules)
    {
        context.Response.ContentType = "application/json";
        await using Utf8JsonWriter writer = new(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteStartArray("rules");
        foreach (RateLimitRule rule in rules)
        {
            RuleJson.WriteRule(writer, rule);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("overrides");
        foreach (RuleOverride value in rules.Overrides)
        {
            RuleJson.WriteOverride(writer, value);
        }

        writer.WriteEndArray();
        writer.WriteString("mode", rules.Mode == RuleMode.Shadow ? "shadow" : "enforce");
        writer.WriteEndObject();
    }
}

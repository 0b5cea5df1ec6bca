using System.Buffers;
using System.Text.Json;

namespace MeliProxy.RateLimiting.AspNetCore.Responses;

/// <summary>The problem details (RFC 9457) of a rejection, of the type that draft-ietf-httpapi-ratelimit-headers registers.</summary>
internal static class QuotaExceededProblem
{
    public const string ContentType = "application/problem+json";

    private const string Type = "https://iana.org/assignments/http-problem-types#quota-exceeded";

    public static ReadOnlyMemory<byte> Format(IReadOnlyList<string> violatedPolicies) => Format(
        violatedPolicies,
        $"The quota of {string.Join(", ", violatedPolicies)} has nothing left for this request now. Retry-After says in how many seconds to try again.");

    /// <summary>The problem of what a rule does not let pass at all.</summary>
    public static ReadOnlyMemory<byte> FormatBlocked(string policy) => Format([policy], $"{policy} does not let this request pass.");

    private static ReadOnlyMemory<byte> Format(IReadOnlyList<string> violatedPolicies, string detail)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", Type);
            writer.WriteString("title", "Quota exceeded");
            writer.WriteNumber("status", 429);
            writer.WriteString("detail", detail);
            writer.WriteStartArray("violated-policies");
            foreach (string policy in violatedPolicies)
            {
                writer.WriteStringValue(policy);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}

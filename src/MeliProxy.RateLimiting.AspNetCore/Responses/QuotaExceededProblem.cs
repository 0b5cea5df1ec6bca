using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace MeliProxy.RateLimiting.AspNetCore.Responses;

/// <summary>The problem details (RFC 9457) of a rejection, of the type that draft-ietf-httpapi-ratelimit-headers registers.</summary>
internal static class QuotaExceededProblem
{
    public const string ContentType = "application/problem+json";

    private const string Type = "https://iana.org/assignments/http-problem-types#quota-exceeded";

    private const int Kept = 64;

    private static readonly Formatted?[] Recent = new Formatted?[Kept];

    /// <summary>The problem of several rules at once. The most recent ones are kept, by the lists that decisions give again and again.</summary>
    public static byte[] Of(IReadOnlyList<string> violatedPolicies)
    {
        ref Formatted? kept = ref Recent[(uint)RuntimeHelpers.GetHashCode(violatedPolicies) % Kept];
        Formatted? formatted = Volatile.Read(ref kept);
        if (formatted is null || !ReferenceEquals(formatted.ViolatedPolicies, violatedPolicies))
        {
            formatted = new Formatted(violatedPolicies, Format(violatedPolicies));
            Volatile.Write(ref kept, formatted);
        }

        return formatted.Problem;
    }

    public static byte[] Format(IReadOnlyList<string> violatedPolicies) => Format(
        violatedPolicies,
        $"The quota of {string.Join(", ", violatedPolicies)} has nothing left for this request now. Retry-After says in how many seconds to try again.");

    /// <summary>The problem of what a rule does not let pass at all.</summary>
    public static byte[] FormatBlocked(string policy) => Format([policy], $"{policy} does not let this request pass.");

    private static byte[] Format(IReadOnlyList<string> violatedPolicies, string detail)
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

        return buffer.WrittenSpan.ToArray();
    }

    private sealed record Formatted(IReadOnlyList<string> ViolatedPolicies, byte[] Problem);
}

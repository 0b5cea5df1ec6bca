using System.Text.Json;

namespace MeliProxy.Sidecar.Control;

/// <summary>Reads what sidecars answer, which may be anything: anyone in the domain may have answered.</summary>
internal static class ReportReading
{
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 8 };

    /// <summary>An answer, if it is a JSON object.</summary>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> json)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(json, Limits);
            if (document.RootElement.ValueKind == JsonValueKind.Object && CanBeWritten(document.RootElement))
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
        }

        return null;
    }

    /// <summary>Whether all of it is text: JSON can hold half a surrogate pair, which cannot be written again.</summary>
    private static bool CanBeWritten(JsonElement element)
    {
        try
        {
            using Utf8JsonWriter nowhere = new(Stream.Null);
            element.WriteTo(nowhere);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    public static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object)
            : [];

    public static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? Text(value) : null;

    public static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // JSON can hold half a surrogate pair, and a string cannot.
            return null;
        }
    }

    /// <summary>A count; 0 if there is none, or one that cannot be.</summary>
    public static long Count(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out long count)
            && count > 0
            ? count
            : 0;

    /// <summary>A sum that cannot overflow, as what is added may come from anyone.</summary>
    public static long Add(long x, long y) => x > long.MaxValue - y ? long.MaxValue : x + y;
}

using System.Text.Json;

namespace MeliProxy.Sidecar.Admin;

/// <summary>The sidecars of the domain, as each describes itself.</summary>
internal static class NodesEndpoint
{
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = 8 };

    /// <param name="app">The admin listener.</param>
    /// <param name="domain">The domain; <see langword="null"/> if nothing is shared.</param>
    /// <param name="gather">Asks all sidecars, this one among them.</param>
    public static void Map(WebApplication app, string? domain, Func<CancellationToken, Task<IReadOnlyList<byte[]>>> gather) =>
        app.MapGet("/api/v1/nodes", context => ListAsync(context, domain, gather));

    private static async Task ListAsync(HttpContext context, string? domain, Func<CancellationToken, Task<IReadOnlyList<byte[]>>> gather)
    {
        IReadOnlyList<byte[]> nodes = await gather(context.RequestAborted);
        context.Response.ContentType = "application/json";
        await using Utf8JsonWriter writer = new(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("domain", domain);
        writer.WriteStartArray("nodes");
        foreach (byte[] node in nodes)
        {
            // Anyone in the domain may have answered anything.
            if (TryParse(node) is { } document)
            {
                using (document)
                {
                    document.RootElement.WriteTo(writer);
                }
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static JsonDocument? TryParse(byte[] json)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(json, Limits);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
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
}

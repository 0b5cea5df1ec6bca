using System.Text.Encodings.Web;
using System.Text.Json;

namespace MeliProxy.Sidecar.Http;

/// <summary>Problem details (RFC 9457) of the general type.</summary>
internal static class Problem
{
    /// <summary>How answers are written: they are JSON and no page, so an apostrophe may be one.</summary>
    public static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="context">What is answered.</param>
    /// <param name="status">The status code.</param>
    /// <param name="title">What kind of problem it is.</param>
    /// <param name="detail">What is wrong and what to do.</param>
    /// <param name="members">Writes members beside these.</param>
    public static async Task WriteAsync(
        HttpContext context, int status, string title, string detail, Action<Utf8JsonWriter>? members = null)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await using Utf8JsonWriter writer = new(context.Response.BodyWriter, Readable);
        writer.WriteStartObject();
        writer.WriteString("type", "about:blank");
        writer.WriteString("title", title);
        writer.WriteNumber("status", status);
        writer.WriteString("detail", detail);
        members?.Invoke(writer);
        writer.WriteEndObject();
    }
}

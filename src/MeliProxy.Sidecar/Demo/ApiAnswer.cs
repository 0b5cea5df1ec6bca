using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MeliProxy.Sidecar.Demo.Catalog;
using MeliProxy.Sidecar.Demo.Json;

namespace MeliProxy.Sidecar.Demo;

/// <summary>One answer of the stand-in: status, body and what caches may do with it.</summary>
internal sealed record ApiAnswer(int Status, ReadOnlyMemory<byte> Body, string CacheControl, string? ETag)
{
    // The API sends letters like é as they are.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ApiAnswer Ok<T>(T content, Action<Utf8JsonWriter, T> write, string cacheControl)
    {
        ReadOnlyMemory<byte> body = Render(content, write);
        string tag = string.Create(CultureInfo.InvariantCulture, $"\"{StableHash.Of(body.Span):x16}\"");
        return new ApiAnswer(StatusCodes.Status200OK, body, cacheControl, tag);
    }

    public static ApiAnswer BadRequest(string message) => Failure(StatusCodes.Status400BadRequest, "bad_request", message);

    public static ApiAnswer NotFound(string message) => Failure(StatusCodes.Status404NotFound, "not_found", message);

    public static ApiAnswer MethodNotAllowed(string method) =>
        Failure(StatusCodes.Status405MethodNotAllowed, "method_not_allowed", $"Method {method} is not allowed for this resource");

    private static ApiAnswer Failure(int status, string error, string message)
    {
        ReadOnlyMemory<byte> body = Render((status, error, message), static (json, failure) =>
        {
            json.WriteStartObject();
            json.WriteString("message", failure.message);
            json.WriteString("error", failure.error);
            json.WriteNumber("status", failure.status);
            json.WriteStrings("cause");
            json.WriteEndObject();
        });
        return new ApiAnswer(status, body, "no-store", ETag: null);
    }

    private static ReadOnlyMemory<byte> Render<T>(T content, Action<Utf8JsonWriter, T> write)
    {
        ArrayBufferWriter<byte> buffer = new(4096);
        using Utf8JsonWriter json = new(buffer, WriterOptions);
        write(json, content);
        json.Flush();
        return buffer.WrittenMemory;
    }
}

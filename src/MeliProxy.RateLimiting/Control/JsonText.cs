using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MeliProxy.RateLimiting.Control;

/// <summary>Short pieces of JSON.</summary>
internal static class JsonText
{
    // What is answered is JSON and no page, so an apostrophe may be one.
    public static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(Action<Utf8JsonWriter> write) => Encoding.UTF8.GetString(BytesOf(write).Span);

    public static ReadOnlyMemory<byte> BytesOf(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, Readable))
        {
            write(writer);
        }

        return buffer.WrittenMemory;
    }
}
